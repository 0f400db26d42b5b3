"""Where the time of each trace of a list went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from monitoring.models import Span
from monitoring.pages.traces.whole import Whole

LABELS = {str(value): str(label) for value, label in Span.Component.choices}
MOST_SPANS = 300  # of a trace: a list shows where the time went, not every microsecond of it

OWN = """
    WITH step AS (
        SELECT asked.trace_id, span.span_id, span.parent_id, span.component, span.seconds
        FROM unnest(%s::bytea[], %s::timestamptz[], %s::timestamptz[]) AS asked(trace_id, start, "end")
        CROSS JOIN LATERAL (
            SELECT span_id, parent_id, component, seconds FROM monitoring_span
            WHERE trace_id = asked.trace_id AND started_at >= asked.start AND started_at <= asked."end"
            ORDER BY started_at LIMIT %s
        ) AS span
    ), called AS (
        SELECT trace_id, parent_id AS span_id, sum(seconds) AS seconds FROM step WHERE parent_id IS NOT NULL
        GROUP BY 1, 2
    )
    SELECT trace_id, component, sum(greatest(step.seconds - coalesce(called.seconds, 0), 0))
    FROM step LEFT JOIN called USING (trace_id, span_id) GROUP BY 1, 2"""


class Share(NamedTuple):
    component: str
    label: str
    seconds: float
    percent: float


def shares(traces: Sequence[Whole]) -> dict[str, list[Share]]:
    """By the time of their own, without what they called, of the steps of each component. One query for all traces."""
    own: dict[str, dict[str, float]] = {trace.trace_id: {} for trace in traces}
    with connection.cursor() as cursor:
        ids = [bytes.fromhex(trace.trace_id) for trace in traces]
        ends = [[trace.started_at for trace in traces], [trace.ended_at for trace in traces]]
        cursor.execute(OWN, [ids, *ends, MOST_SPANS])
        for trace_id, component, seconds in cursor.fetchall():
            own[bytes(trace_id).hex()][component] = seconds
    return {trace_id: parts(seconds) for trace_id, seconds in own.items()}


def parts(seconds: dict[str, float]) -> list[Share]:
    """The largest first."""
    total = sum(seconds.values())
    told = sorted(seconds.items(), key=lambda one: -one[1])
    return [Share(name, LABELS.get(name, name), took, 100 * took / total) for name, took in told if took and total]
