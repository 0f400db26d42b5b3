"""Any metric over a range: a chart, its figures, and a file of them. Alarm rules and every chart lead here."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from monitoring.metrics import read
from monitoring.metrics.names import METRICS, Metric
from monitoring.metrics.read import Key, Point
from monitoring.metrics.summary import Summary
from monitoring.models import Series
from monitoring.pages import behind, charts, statistics, targets, time_range
from monitoring.pages.behind import Asked
from monitoring.pages.components import COMPONENTS
from monitoring.pages.page import rendered
from monitoring.pages.statistics import Statistic
from monitoring.pages.time_range import TimeRange
from pages import figures
from pages.time_chart import TimeChart

MOST_LINES = 8
FAILED, SLOWEST = ("errors", "failure_rate"), ("p95", "p99", "most")
COLUMNS = ("count", "errors", "average", "least", "p50", "p90", "p95", "p99", "most")


class Choice(NamedTuple):
    name: str
    label: str
    values: list[tuple[str, str, bool]]


class Figure(NamedTuple):
    label: str
    text: str
    tone: str


class Question(NamedTuple):
    """What the address asks for. Labels and statistics that the metric has not are left out."""

    metric: Metric
    range: TimeRange
    statistic: Statistic
    labels: dict[str, str]
    by: str

    def query(self) -> dict[str, str]:
        asked = {"range": self.range.key, "stat": self.statistic.name, "by": self.by, **self.labels}
        return {name: value for name, value in asked.items() if value}

    def points(self, among: list[str] | None = None) -> dict[Key, list[Point]]:
        by = [self.by] if self.by else []
        its = self.range
        return read.points(self.metric.name, its.start, its.end, its.step, labels=self.labels, by=by, among=among)

    def totals(self, by: Sequence[str] = ()) -> dict[Key, Summary]:
        name, its = self.metric.name, self.range
        return read.totals([name], its.start, its.end, labels=self.labels, by=by)[name]


def metric_page(request: HttpRequest, name: str) -> HttpResponse:
    asked = _asked(request, name)
    most = _largest(asked)
    found = asked.points(most[:MOST_LINES] if asked.by else None)
    context = {
        "title": f"Metric {asked.metric.name}",
        "metric": asked.metric,
        "range": asked.range,
        "kept": {name: value for name, value in asked.query().items() if name != "range"},
        "components": list(COMPONENTS.values()),
        "chart": _chart(request, asked, found),
        "more_lines": max(len(most) - MOST_LINES, 0),
        "choices": _choices(asked),
        "figures": _figures(asked, asked.totals().get((), Summary())),
        "behind": behind.url(asked.metric.name, Asked(asked.range.start, asked.range.end, asked.labels), request),
        "csv": f"{reverse('monitoring:metric_csv', args=[asked.metric.name])}?{urlencode(asked.query())}",
    }
    return rendered(request, "nightshelf/monitoring/metric.html", context)


def metric_csv(request: HttpRequest, name: str) -> HttpResponse:
    asked = _asked(request, name)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{asked.range.key}.csv"'
    writer = csv.writer(response)
    writer.writerow(["from", "to", "finished", *([asked.by] if asked.by else []), *COLUMNS, "sum", "unit"])
    writer.writerows(_lines(asked))
    return response


def _asked(request: HttpRequest, name: str) -> Question:
    metric = METRICS.get(name)
    if metric is None:
        raise Http404(f"There is no metric {name}.")
    ours = {statistic.name: statistic for statistic in statistics.of_metric(metric)}
    labels = {label: value for label in metric.labels if (value := request.GET.get(label, "").replace("\0", ""))}
    by = request.GET.get("by", "")
    return Question(
        metric, time_range.of_request(request),
        ours.get(request.GET.get("stat", "")) or next(iter(ours.values())),
        labels, by if by in metric.labels else "",
    )  # fmt: skip


def _chart(request: HttpRequest, asked: Question, found: dict[Key, list[Point]]) -> TimeChart:
    its, stat, name = asked.range, asked.statistic, asked.metric.name
    lines = [charts.line(its, points, stat.name, key[0] if key else "") for key, points in found.items()]
    which = Asked(its.start, its.end, asked.labels, stat.name in FAILED, stat.name in SLOWEST)
    return charts.chart(
        its, name, stat.name, lines or [charts.line(its, [], stat.name)],
        id="metric", title=stat.label, targets=targets.lines(name, stat.name),
        urls=charts.step_urls(request, its, name, which), bars=stat.name in ("count", "errors"),
    )  # fmt: skip


def _choices(asked: Question) -> list[Choice]:
    """A choice for each label, of the values it ever had."""
    stats = [(its.name, its.label, its == asked.statistic) for its in statistics.of_metric(asked.metric)]
    chosen = [Choice("stat", "Statistic", stats)]
    if not asked.metric.labels:
        return chosen
    known = list(Series.objects.filter(metric=asked.metric.name).values_list("labels", flat=True))
    for label in asked.metric.labels:
        values = sorted({str(its[label]) for its in known if label in its} | {asked.labels.get(label, "")} - {""})
        options = [("", "All", False), *((value, value, asked.labels.get(label) == value) for value in values)]
        chosen.append(Choice(label, label.capitalize(), options))
    lines = [("", "None", False), *((label, label.capitalize(), label == asked.by) for label in asked.metric.labels)]
    return [*chosen, Choice("by", "A line for each", lines)]


def _figures(asked: Question, total: Summary) -> list[Figure]:
    """Of the whole range, exact: percentiles are those of all its values together."""
    found = []
    for statistic in statistics.of_metric(asked.metric):
        value = statistics.value(total, statistic.name, asked.range.seconds)
        text = figures.quantity(value, statistics.unit(asked.metric, statistic.name))
        found.append(Figure(statistic.label, text, targets.tone(asked.metric.name, statistic.name, value)))
    return found


def _lines(asked: Question) -> Iterator[list[object]]:
    for key, points in asked.points().items():
        for at, summary in points:
            end = asked.range.end_of(at)
            told = [statistics.value(summary, name, asked.range.seconds_of(at)) for name in COLUMNS]
            yield [
                timezone.localtime(at).isoformat(), timezone.localtime(end).isoformat(),
                "yes" if end <= asked.range.now else "no",
                *map(_plain, key),
                *("" if value is None else value for value in told), summary.total, asked.metric.unit,
            ]  # fmt: skip


def _plain(text: str) -> str:
    """A spreadsheet takes what begins like a formula for one."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _largest(asked: Question) -> list[str]:
    """The values of the label that there is a line for each of, those that happened most often first."""
    if not asked.by:
        return []
    found = asked.totals([asked.by])
    return [key[0] for key, _ in sorted(found.items(), key=lambda item: (-item[1].count, item[0]))]
