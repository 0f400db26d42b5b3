"""Who asks whom, how often, how many of it fails and how long it takes: the edges of the service map.

From the figures, which count everything; where there is none for an edge (no call of that sort is counted, or nobody
told it in that time), from the steps of the kept traces, which are a sample, and then the edge says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from monitoring.metrics import read
from monitoring.metrics.summary import Summary
from monitoring.pages.traces.time_range import TimeRange

VISITORS = "visitors"
HOURLY = timedelta(hours=3)  # longer times are read by full hours
STEPS = 10_000

# Each process asks these; the metric's label says which process it was.
CALLS = {"database.statement": "database", "storage.call": "storage", "queue.publish": "queue"}

# A request comes from a visitor and a task from a queue, whoever measured it; what a process does itself is no edge.
SAMPLED = """
    SELECT source, target, count(*), count(*) FILTER (WHERE failed),
        percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY seconds)
    FROM (
        SELECT CASE kind WHEN 'server' THEN %(visitors)s WHEN 'consumer' THEN 'queue' ELSE caller END AS source,
            component AS target, failed, seconds
        FROM ({newest}) AS step
    ) AS edge
    WHERE source <> target GROUP BY 1, 2"""
NEWEST = """
    (SELECT kind, caller, component, failed, seconds FROM monitoring_span
     WHERE started_at >= %(start)s AND started_at < %(end)s AND {which} ORDER BY started_at DESC LIMIT %(most)s)"""


class Edge(NamedTuple):
    source: str
    target: str
    calls: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    minutes: float
    sampled: bool = False  # from kept traces: rate and count are of those alone

    @property
    def rate(self) -> float:
        """A minute."""
        return self.calls / self.minutes if self.minutes else 0.0

    @property
    def failure_rate(self) -> float:
        return 100 * self.errors / self.calls if self.calls else 0.0


def edges(time: TimeRange, component: str = "", errors: bool = False) -> list[Edge]:
    """`component`: only what that one asks and is asked; `errors`: only edges where something failed."""
    start, end = _bounds(time)
    counted = _counted(start, end)
    missing = _sampled(time, {(edge.source, edge.target) for edge in counted})
    found = [*counted, *missing]
    if component:
        found = [edge for edge in found if component in (edge.source, edge.target)]
    if errors:
        found = [edge for edge in found if edge.errors]
    return sorted(found, key=lambda edge: (edge.source, edge.target))


def _bounds(time: TimeRange) -> tuple[datetime, datetime]:
    """Full minutes; full hours where there would be too many minutes."""
    start, end = (moment.replace(second=0, microsecond=0) for moment in time[:2])
    if end - start <= HOURLY:
        return start, end
    return start.replace(minute=0), (end + timedelta(minutes=59)).replace(minute=0)


def _counted(start: datetime, end: datetime) -> list[Edge]:
    minutes = (end - start) / timedelta(minutes=1)
    told = {
        (VISITORS, "web"): read.summary("http.request", start, end),
        ("queue", "worker"): read.summary("task.run", start, end),
    }
    for metric, target in CALLS.items():
        for source, summary in read.by(metric, "component", start, end).items():
            told[source or "web", target] = summary
    return [_edge(*ends, summary, minutes) for ends, summary in told.items() if summary.count]


def _edge(source: str, target: str, told: Summary, minutes: float) -> Edge:
    p50, p95, p99 = (told.percentile(percent) for percent in (50, 95, 99))
    return Edge(source, target, told.count, told.errors, p50, p95, p99, minutes)


def _sampled(time: TimeRange, known: set[tuple[str, str]]) -> list[Edge]:
    """Of each half the newest steps: calls to the database would otherwise be all there is to see."""
    halves = [NEWEST.format(which="component <> 'database'")]
    if not any(target == "database" for _, target in known):
        halves.append(NEWEST.format(which="component = 'database'"))
    asked: dict[str, Any] = {"start": time.start, "end": time.end, "most": STEPS, "visitors": VISITORS}
    with connection.cursor() as cursor:
        cursor.execute(SAMPLED.format(newest=" UNION ALL ".join(halves)), asked)
        told = cursor.fetchall()
    minutes = (time.end - time.start) / timedelta(minutes=1)
    return [
        Edge(source, target, calls, errors, p50, p95, p99, minutes, sampled=True)
        for source, target, calls, errors, (p50, p95, p99) in told
        if (source, target) not in known
    ]
