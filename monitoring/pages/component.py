"""RED of a component: rate, errors and duration over a range, and a row for each route, task or operation.

All figures are unsampled and exact; what opens behind them are the traces that were kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from monitoring.metrics import read
from monitoring.metrics.read import Key, Point
from monitoring.metrics.summary import Summary
from monitoring.pages import behind, charts, targets, time_range
from monitoring.pages.behind import Asked
from monitoring.pages.components import COMPONENTS, Component, Table
from monitoring.pages.page import rendered
from monitoring.pages.time_range import TimeRange
from pages.figures import failure_tone
from pages.time_chart import BAD, TimeChart

PERCENTILES = ("p50", "p90", "p95", "p99")
COUNTED = ("count", "errors", "failure_rate")
MOST_ROWS = 200
SORTS: dict[str, tuple[str, Callable[[Summary], float]]] = {
    "count": ("Number", lambda its: its.count),
    "errors": ("Failed", lambda its: its.errors),
    "failure_rate": ("Failure rate", lambda its: its.failure_rate or 0.0),
    **{name: (name, lambda its, name=name: its.percentile(float(name[1:])) or 0.0) for name in PERCENTILES},  # type: ignore[misc]
    "most": ("Longest", lambda its: its.most or 0.0),
}


class Row(NamedTuple):
    """`percentiles` are empty for what has no duration. The addresses are '' where nothing can be opened."""

    name: str
    note: str
    summary: Summary
    rate: float
    tone: str
    percentiles: list[float | None]
    url: str
    failed_url: str
    slowest_url: str


class Heading(NamedTuple):
    label: str
    url: str
    chosen: bool


class ShownTable(NamedTuple):
    title: str
    timed: bool
    headings: list[Heading]
    rows: list[Row]
    more: int


def component_page(request: HttpRequest, key: str) -> HttpResponse:
    component = COMPONENTS.get(key)
    if component is None:
        raise Http404(f"There is no component {key}.")
    range = time_range.of_request(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "count"
    context = {
        "title": component.title,
        "component": component,
        "components": list(COMPONENTS.values()),
        "range": range,
        "kept": {"sort": sort} if sort != "count" else {},
        "charts": _charts(request, component, range),
        "tables": _tables(request, component, range, sort),
    }
    return rendered(request, "nightshelf/monitoring/component.html", context)


def _charts(request: HttpRequest, component: Component, range: TimeRange) -> list[TimeChart]:
    metrics = list(dict.fromkeys((component.counted, component.timed)))
    found = read.several(metrics, range.start, range.end, range.step)
    counted, timed = (found[metric].get((), []) for metric in (component.counted, component.timed))
    return [_rate(request, component, range, counted), _failures(request, component, range, counted),
            _duration(request, component, range, timed)]  # fmt: skip


def _rate(request: HttpRequest, component: Component, range: TimeRange, points: list[Point]) -> TimeChart:
    metric, of = component.counted, component.of.capitalize()
    return charts.chart(
        range, metric, "rate", [charts.line(range, points, "rate", of)],
        id="rate", title=f"{of} per second", url=metric_url(metric, range, stat="rate"),
        urls=charts.step_urls(request, range, metric, _all(range)),
    )  # fmt: skip


def _failures(request: HttpRequest, component: Component, range: TimeRange, points: list[Point]) -> TimeChart:
    metric = component.counted
    return charts.chart(
        range, metric, "failure_rate", [charts.line(range, points, "failure_rate", color=BAD)],
        id="failures", title="Failure rate", url=metric_url(metric, range, stat="failure_rate"),
        targets=targets.lines(metric, "failure_rate"),
        urls=charts.step_urls(request, range, metric, _all(range)._replace(failed=True)),
    )  # fmt: skip


def _duration(request: HttpRequest, component: Component, range: TimeRange, points: list[Point]) -> TimeChart:
    metric = component.timed
    return charts.chart(
        range, metric, "p95", [charts.line(range, points, name) for name in PERCENTILES],
        id="duration", title="Duration", url=metric_url(metric, range, stat="p95"),
        targets=targets.lines(metric, "p95", "p95 at most"),
        urls=charts.step_urls(request, range, metric, _all(range)._replace(slowest=True)),
    )  # fmt: skip


def _all(range: TimeRange) -> Asked:
    return Asked(range.start, range.end)


def _tables(request: HttpRequest, component: Component, range: TimeRange, sort: str) -> list[ShownTable]:
    """Those with the same labels are read together."""
    metrics: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for table in component.tables:
        metrics[table.by].append(table.metric)
    found: dict[str, dict[Key, Summary]] = {}
    for by, asked in metrics.items():
        found |= read.totals(asked, range.start, range.end, by=by)
    return [_table(request, table, found[table.metric], range, sort) for table in component.tables]


def _table(request: HttpRequest, table: Table, found: dict[Key, Summary], range: TimeRange, sort: str) -> ShownTable:
    order = SORTS[sort][1]
    ordered = sorted(found.items(), key=lambda item: (-order(item[1]), item[0]))
    return ShownTable(
        table.title,
        table.timed,
        [_heading(name, label, range, sort) for name, (label, _) in SORTS.items() if table.timed or name in COUNTED],
        [_row(request, table, range, key, summary) for key, summary in ordered[:MOST_ROWS]],
        max(len(ordered) - MOST_ROWS, 0),
    )


def _row(request: HttpRequest, table: Table, range: TimeRange, key: Key, its: Summary) -> Row:
    labels = {name: value for name, value in zip(table.by, key, strict=True) if value}
    asked = Asked(range.start, range.end, labels)
    name, note = named(table.by, key)
    return Row(
        name, note, its, its.count / range.seconds, failure_tone(its.failure_rate or 0.0),
        [its.percentile(float(name[1:])) for name in PERCENTILES] if table.timed else [],
        behind.url(table.metric, asked, request),
        behind.url(table.metric, asked._replace(failed=True), request),
        behind.url(table.metric, asked._replace(slowest=True), request),
    )  # fmt: skip


def named(by: tuple[str, ...], key: Key) -> tuple[str, str]:
    """What a row is called, and what stands smaller beneath: a route is told by its method as well."""
    if by == ("method", "route"):
        return f"{key[0]} {key[1]}".strip() or "–", ""
    return key[0] or "–", " · ".join(value for value in key[1:] if value)


def _heading(name: str, label: str, range: TimeRange, sort: str) -> Heading:
    return Heading(label, f"?{urlencode({'range': range.key, 'sort': name})}", name == sort)


def metric_url(metric: str, range: TimeRange, **more: str) -> str:
    return f"{reverse('monitoring:metric', args=[metric])}?{urlencode({'range': range.key, **more})}"
