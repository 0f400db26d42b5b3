"""A metric's points as a chart: every step of the range is there, measured or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from monitoring.metrics.names import METRICS
from monitoring.metrics.read import Point
from monitoring.pages import behind, statistics
from monitoring.pages.behind import Asked
from monitoring.pages.time_range import TimeRange
from pages.time_chart import Line, TimeChart


def chart(range: TimeRange, metric: str, statistic: str, lines: Sequence[Line], **more: Any) -> TimeChart:
    """`more`: what else `TimeChart` is told: its id and title, targets, addresses."""
    return TimeChart(
        unit=statistics.unit(METRICS[metric], statistic),
        starts=range.starts,
        labels=range.short_labels,
        long_labels=range.long_labels,
        lines=lines,
        **more,
    )


def line(range: TimeRange, points: Iterable[Point], statistic: str, label: str = "", color: str = "") -> Line:
    measured = {point.at: point.summary for point in points}
    return Line(
        label or statistics.STATISTICS[statistic].label,
        [statistics.value(measured.get(at), statistic, range.seconds_of(at)) for at in range.starts],
        color,
    )


def step_urls(request: HttpRequest, range: TimeRange, metric: str, asked: Asked) -> list[str]:
    """For each step what is behind it; `asked` says which of it, and its own span is left aside."""

    def of(at: datetime) -> Asked:
        return asked._replace(start=at, end=range.end_of(at))

    return [behind.url(metric, of(at), request) for at in range.starts]
