"""One step of a trace with all that is kept of it: attributes, its error, its links, what it wrote to the log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitoring.pages.traces.load import lines_of, spans_of
from monitoring.pages.traces.opened import Opened
from monitoring.pages.traces.shares import LABELS
from monitoring.pages.traces.tree import own_seconds

MOST_LINES = 50
MOST_CHARS = 4_000


def told_span(found: Opened, span_id: str) -> dict[str, Any] | None:
    """Two queries; None where there is no such step."""
    node = found.tree.nodes.get(span_id)
    span = spans_of(found.trace).filter(span_id=span_id).first() if node else None
    if node is None or span is None:
        return None
    return {
        "span": span, "node": node, "own": own_seconds(node), "critical": node.critical_seconds,
        "after": node.begin - found.tree.begin, "moved": node.begin - node.step.begin,
        "component": LABELS.get(span.component, span.component), "caller": LABELS.get(span.caller, span.caller),
        "attributes": written(span.attributes), "links": span.links, "message": span.message[:MOST_CHARS],
        "lines": list(lines_of(found.trace).filter(span_id=span_id)[:MOST_LINES]),
    }  # fmt: skip


def written(attributes: Any) -> list[tuple[str, str]]:
    """By name; what is no text is written as JSON."""
    if not isinstance(attributes, Mapping):
        return []
    told = {str(name): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in attributes.items()}  # fmt: skip
    return [(name, value[:MOST_CHARS]) for name, value in sorted(told.items())]
