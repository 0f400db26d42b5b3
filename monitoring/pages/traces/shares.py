"""Where the time of each trace of a list went: calls to others, and what is left for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from monitoring.models import Span
from monitoring.pages.traces.whole import Whole

LABELS = {str(value): str(label) for value, label in Span.Component.choices}
MOST_SPANS = 1_000  # of a trace: a list shows where the time went, not every microsecond of it

CALLS = """
    SELECT asked.trace_id, call.component, sum(call.seconds)
    FROM unnest(%s::bytea[], %s::timestamptz[], %s::timestamptz[]) AS asked(trace_id, start, "end")
    CROSS JOIN LATERAL (
        SELECT component, caller, seconds FROM monitoring_span
        WHERE trace_id = asked.trace_id AND started_at >= asked.start AND started_at <= asked."end"
        ORDER BY started_at LIMIT %s
    ) AS call
    WHERE call.component <> call.caller AND call.component IN ('database', 'storage', 'queue', 'model')
    GROUP BY 1, 2"""


class Share(NamedTuple):
    component: str
    label: str
    seconds: float
    percent: float


def shares(traces: Sequence[Whole]) -> dict[str, list[Share]]:
    """One query for all of them. Calls made at once may be longer than their trace: then nothing is left for itself."""
    calls: dict[str, dict[str, float]] = {trace.trace_id: {} for trace in traces}
    with connection.cursor() as cursor:
        ids = [bytes.fromhex(trace.trace_id) for trace in traces]
        ends = [[trace.started_at for trace in traces], [trace.ended_at for trace in traces]]
        cursor.execute(CALLS, [ids, *ends, MOST_SPANS])
        for trace_id, component, seconds in cursor.fetchall():
            calls[bytes(trace_id).hex()][component] = seconds
    return {trace.trace_id: _of(trace, calls[trace.trace_id]) for trace in traces}


def parts(seconds: dict[str, float]) -> list[Share]:
    """The largest first."""
    total = sum(seconds.values())
    told = sorted(seconds.items(), key=lambda one: -one[1])
    return [Share(name, LABELS.get(name, name), took, 100 * took / total) for name, took in told if took and total]


def _of(trace: Whole, calls: dict[str, float]) -> list[Share]:
    own = max(trace.seconds - sum(calls.values()), 0.0)
    return parts({**calls, trace.component: calls.get(trace.component, 0.0) + own})
