"""What one process did of a trace, from its local root to that root's end: held until it is known whether it is kept.

Spans of the SDK are for steps, of which there are few. A statement or a call to storage is a leaf: nothing hangs on
it, so a tuple will do, which costs a twentieth. Both are bounded, as is what a part may hold of the log.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from opentelemetry.sdk.trace import ReadableSpan, Span

from monitoring.traces.statement_name import text_of

MOST_SPANS = 300
MOST_LEAVES = 150  # and as many again of those that failed or were slow
MOST_LINES = 200
SLOW_LEAF_SECONDS = 0.05


class Leaf(NamedTuple):
    """`began` in nanoseconds since 1970; `failure` is '' when there was none."""

    span_id: int
    parent_id: int
    name: str
    component: str
    began: int
    seconds: float
    failed: bool
    failure: str
    attributes: dict[str, Any]

    @property
    def said(self) -> dict[str, Any]:
        """The attributes as they may be stored: made only of what is kept."""
        statement = self.attributes.get("statement")
        return {**self.attributes, "statement": text_of(statement)} if statement else self.attributes


class Line(NamedTuple):
    number: int
    at: datetime
    level: str
    event: str
    span_id: int
    fields: dict[str, Any]


@dataclass(slots=True, eq=False)
class Part:
    root: Span
    trace_id: int
    keep: bool = False
    given: bool = False  # its trace is that of work it began, which goes on elsewhere
    ended: bool = False
    job_id: int | None = None
    user_id: int | None = None
    spans: list[ReadableSpan] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    omitted: Counter[str] = field(default_factory=Counter)
    failed: bool = False

    def is_root(self, span: ReadableSpan) -> bool:
        """By its number: what the SDK hands out at the end is a copy."""
        return span.context is not None and span.context.span_id == self.root.get_span_context().span_id

    def add_span(self, span: ReadableSpan, *, failed: bool) -> None:
        self.failed |= failed
        if self.is_root(span) or len(self.spans) < MOST_SPANS or (failed and len(self.spans) < 2 * MOST_SPANS):
            self.spans.append(span)
        else:
            self.omitted["spans"] += 1

    def add_leaf(self, leaf: Leaf) -> None:
        self.failed |= leaf.failed
        held = len(self.leaves)
        notable = leaf.failed or leaf.seconds > SLOW_LEAF_SECONDS
        if held < MOST_LEAVES or (notable and held < 2 * MOST_LEAVES):
            self.leaves.append(leaf)
        else:
            self.omitted[leaf.component] += 1

    def add_line(self, line: Line) -> None:
        if len(self.lines) < MOST_LINES:
            self.lines.append(line)
        else:
            self.omitted["log"] += 1

    @property
    def size(self) -> int:
        return len(self.spans) + len(self.leaves) + len(self.lines)


def new_span_id() -> int:
    return random.getrandbits(64) or 1
