"""`…/traces/<id>/compare/`: this trace against the median of the last ones of its kind that were kept."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import Any

from django.http import HttpRequest, HttpResponse

from monitoring.models import Trace
from monitoring.pages.page import rendered
from monitoring.pages.traces.compare import Compared, compared, spent
from monitoring.pages.traces.load import steps_of_all
from monitoring.pages.traces.trace_page import kept, not_kept
from monitoring.pages.traces.whole import Whole, wholes

OTHERS = 50
MOST_STEPS = 10_000  # of all others together, so that the page stays quick for jobs too
EACH = 2_000  # of a trace: its first ones
ROWS = 40
DAY = timedelta(days=1)


def compare_page(request: HttpRequest, trace_id: str) -> HttpResponse:
    trace = kept(trace_id)
    if trace is None:
        return not_kept(request, trace_id)
    others = _others(trace)
    steps = steps_of_all([trace, *others], EACH)
    ours = spent(steps.get(trace.trace_id, []))
    rows = compared(ours, [spent(steps.get(other.trace_id, [])) for other in others])
    context = {
        "title": f"{trace.name} compared", "trace": trace, "others": others,
        "usual": median(other.seconds for other in others) if others else None,
        "oldest": min((other.started_at for other in others), default=None),
        "newest": max((other.started_at for other in others), default=None),
        "failed": sum(1 for other in others if other.errors), "rows": _drawn(rows[:ROWS]) if others else [],
        "cut": EACH if any(one.spans > EACH for one in (trace, *others)) else 0,
        "left": max(len(rows) - ROWS, 0), "slower": [row for row in rows if row.slower] if others else [],
    }  # fmt: skip
    return rendered(request, "nightshelf/traces/compare.html", context)


def _others(trace: Whole) -> list[Whole]:
    """The newest of its name, by the index; as many as their steps allow, the three newest in any case."""
    rows = Trace.objects.filter(name=trace.name, started_at__lte=trace.ended_at + DAY).exclude(trace_id=trace.trace_id)
    newest = list(rows.order_by("-started_at")[:OTHERS])
    found: list[str] = []
    steps = 0
    for row in newest:
        steps += row.spans
        if len(found) >= 3 and steps > MOST_STEPS:
            break
        found.append(row.trace_id)
    return list(wholes(found).values())


def _drawn(rows: list[Compared]) -> list[dict[str, Any]]:
    longest = max((max(row.ours.seconds, row.usual.seconds) for row in rows), default=0.0) or 1.0
    return [
        {"row": row, "ours": 100 * row.ours.seconds / longest, "usual": 100 * row.usual.seconds / longest}
        for row in rows
    ]
