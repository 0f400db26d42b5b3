"""The home page's figures and charts over a range: what failed, how fast it goes, how long it takes, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from batches.pages.home_now import Lately
from monitoring.metrics import read
from monitoring.metrics.read import Key, Point
from monitoring.metrics.summary import Summary, merged
from monitoring.pages import behind, charts, targets
from monitoring.pages.behind import Asked
from monitoring.pages.component import metric_url
from monitoring.pages.time_range import TimeRange
from pages import figures
from pages.time_chart import BAD, TimeChart

LINES, CHUNKS, DEAD = "batch.lines", "batch.chunk", "dlq.depth"
Points = dict[str, dict[Key, list[Point]]]


@dataclass(frozen=True)
class Figure:
    """`text` in `tone`, with `note` beneath; the address opens what is behind it."""

    title: str
    text: str
    note: str
    url: str = ""
    tone: str = "none"


def figures_of(request: HttpRequest, range: TimeRange, lately: Lately) -> dict[str, Any]:
    """One query."""
    found = read.several([LINES, CHUNKS, DEAD], range.start, range.end, range.step)
    lines, chunks = (merged(point.summary for point in found[metric].get((), [])) for metric in (LINES, CHUNKS))
    return {
        "figures": [
            _failures(request, range, lines),
            _speed(range, lines, found[LINES].get((), []), lately),
            _processing(request, range, chunks, 95, "p95"),
            _processing(request, range, chunks, 99, "p99"),
        ],
        "charts": [
            _failure_chart(request, range, found),
            _speed_chart(request, range, found),
            _processing_chart(request, range, found),
            _depth_chart(range, found),
        ],
    }


def _failures(request: HttpRequest, range: TimeRange, lines: Summary) -> Figure:
    rate = lines.failure_rate
    note = f"{lines.errors:,} of {lines.count:,} lines; {targets.MOST_FAILURES:g} % is the limit"
    url = behind.url(LINES, Asked(range.start, range.end, failed=True), request)
    return Figure(
        "Failure rate", figures.quantity(rate, "%"), note if lines.count else "no line was read", url,
        figures.failure_tone(rate or 0.0),
    )  # fmt: skip


def _speed(range: TimeRange, lines: Summary, points: list[Point], lately: Lately) -> Figure:
    fastest = max((point.summary.count / range.seconds_of(point.at) for point in points), default=0.0)
    average, most = (figures.quantity(value, "/s") for value in (lines.count / range.seconds, fastest))
    note = f"lines now; {average} on average, {most} at most"
    now = figures.quantity(lately.speed(LINES), "/s")
    return Figure("Throughput", now, note, metric_url(LINES, range, stat="rate"))


def _processing(request: HttpRequest, range: TimeRange, chunks: Summary, percent: int, name: str) -> Figure:
    value = chunks.percentile(percent)
    limit = f"{targets.AT_MOST[CHUNKS, name]:g} s"
    slowest = behind.url(CHUNKS, Asked(range.start, range.end, slowest=True), request)
    return Figure(
        f"Processing time, {name}", figures.quantity(value, "s"),
        f"of {chunks.count:,} chunks; {limit} is the limit" if chunks.count else "no chunk was read",
        slowest or metric_url(CHUNKS, range, stat=name), targets.tone(CHUNKS, name, value),
    )  # fmt: skip


def _failure_chart(request: HttpRequest, range: TimeRange, found: Points) -> TimeChart:
    lines = found[LINES].get((), [])
    return charts.chart(
        range, LINES, "failure_rate", [charts.line(range, lines, "failure_rate", color=BAD)],
        id="failures", title="Failure rate of lines", targets=targets.lines(LINES, "failure_rate"),
        url=metric_url(LINES, range, stat="failure_rate"),
        urls=charts.step_urls(request, range, LINES, Asked(range.start, range.end, failed=True)),
    )  # fmt: skip


def _speed_chart(request: HttpRequest, range: TimeRange, found: Points) -> TimeChart:
    return charts.chart(
        range, LINES, "rate", [charts.line(range, found[LINES].get((), []), "rate", "Lines")],
        id="speed", title="Lines per second", url=metric_url(LINES, range, stat="rate"),
        urls=charts.step_urls(request, range, LINES, Asked(range.start, range.end)),
    )  # fmt: skip


def _processing_chart(request: HttpRequest, range: TimeRange, found: Points) -> TimeChart:
    chunks = found[CHUNKS].get((), [])
    return charts.chart(
        range, CHUNKS, "p95", [charts.line(range, chunks, name) for name in ("p50", "p95", "p99")],
        id="processing", title="Processing time of a chunk", url=metric_url(CHUNKS, range, stat="p95"),
        targets=targets.lines(CHUNKS, "p95", "p95 at most"),
        urls=charts.step_urls(request, range, CHUNKS, Asked(range.start, range.end, slowest=True)),
    )  # fmt: skip


def _depth_chart(range: TimeRange, found: Points) -> TimeChart:
    return charts.chart(
        range, DEAD, "most", [charts.line(range, found[DEAD].get((), []), "most", "Letters and messages")],
        id="depth", title="Dead letters waiting", url=metric_url(DEAD, range, stat="most"),
    )  # fmt: skip
