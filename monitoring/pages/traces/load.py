"""The steps of a trace as they are kept: what a waterfall needs of each, and no attributes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from monitoring.models import LogLine, Span
from monitoring.pages.traces.tree import Step
from monitoring.pages.traces.whole import Whole

MOST_STEPS = 20_000

STEPS = """
    SELECT trace_id, encode(span_id, 'hex'), encode(parent_id, 'hex'), name, component, caller, kind, instance,
        extract(epoch FROM started_at)::float8, seconds, failed
    FROM (
        SELECT *, row_number() OVER (PARTITION BY trace_id ORDER BY started_at) AS place FROM monitoring_span
        WHERE trace_id = ANY(%s::bytea[]) AND started_at >= %s AND started_at < %s
    ) AS step
    WHERE place <= %s ORDER BY trace_id, started_at"""


def steps_of(trace: Whole, most: int = MOST_STEPS) -> list[Step]:
    """The first ones, where there are more than `most`. One query."""
    return steps_of_all([trace], most).get(trace.trace_id, [])


def steps_of_all(traces: Sequence[Whole], most: int) -> dict[str, list[Step]]:
    """`most` of each trace."""
    if not traces:
        return {}
    begin = {trace.trace_id: trace.started_at.timestamp() for trace in traces}
    ids = [bytes.fromhex(trace_id) for trace_id in begin]
    found: dict[str, list[Step]] = {}
    with connection.cursor() as cursor:
        cursor.execute(STEPS, [ids, *_bounds([day for trace in traces for day in trace.days]), most])
        for trace_id, span_id, parent, name, component, caller, kind, instance, at, seconds, failed in cursor:
            key = bytes(trace_id).hex()
            after = at - begin[key]
            step = Step(span_id, parent, name, component, caller, kind, instance, after, after + seconds, failed)
            found.setdefault(key, []).append(step)
    return found


def spans_of(trace: Whole) -> QuerySet[Span]:
    """Only the partitions of its days are looked at."""
    start, end = _bounds(trace.days)
    return Span.objects.filter(trace_id=trace.trace_id, started_at__gte=start, started_at__lt=end)


def lines_of(trace: Whole) -> QuerySet[LogLine]:
    """What it wrote to the log, in the order of time. A line can be later than the last of its spans' days."""
    start, end = _bounds(trace.days)
    kept: Any = LogLine.objects.filter(trace_id=trace.trace_id, at__gte=start, at__lt=end + timedelta(days=1))
    return kept.order_by("at", "number")  # type: ignore[no-any-return]


def _bounds(days: Sequence[date]) -> tuple[datetime, datetime]:
    start, end = min(days), max(days) + timedelta(days=1)
    return datetime.combine(start, time.min, UTC), datetime.combine(end, time.min, UTC)
