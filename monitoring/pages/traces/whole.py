"""A trace as one, also where it went on past midnight and so has a row for each day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from monitoring.models import Span, Trace


@dataclass(frozen=True)
class Whole:
    trace_id: str
    name: str
    component: str
    started_at: datetime
    ended_at: datetime
    spans: int
    errors: int
    job_id: int | None
    user_id: int | None
    days: tuple[date, ...]

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def component_label(self) -> str:
        return str(dict(Span.Component.choices).get(self.component, self.component))


def whole(rows: Iterable[Trace]) -> Whole:
    """Of the rows of one trace; at least one."""
    found = sorted(rows, key=lambda row: row.started_at)
    first = found[0]
    return Whole(
        first.trace_id, first.name, first.component, first.started_at,
        max(row.ended_at for row in found),
        sum(row.spans for row in found),
        sum(row.errors for row in found),
        next((row.job_id for row in found if row.job_id is not None), None),
        next((row.user_id for row in found if row.user_id is not None), None),
        tuple(row.day for row in found),
    )  # fmt: skip


def wholes(trace_ids: Iterable[str]) -> dict[str, Whole]:
    """One query, by the index on the trace."""
    rows: dict[str, list[Trace]] = {}
    for row in Trace.objects.filter(trace_id__in=list(trace_ids)):
        rows.setdefault(row.trace_id, []).append(row)
    return {trace_id: whole(of_it) for trace_id, of_it in rows.items()}


def find_whole(trace_id: str) -> Whole | None:
    return wholes([trace_id]).get(trace_id)
