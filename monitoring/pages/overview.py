"""All components with their three figures, what the installation uses, and what the business did: one page of links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from monitoring.metrics import read
from monitoring.metrics.names import METRICS
from monitoring.metrics.spans import MINUTE
from monitoring.metrics.summary import Summary
from monitoring.pages import behind, targets, time_range
from monitoring.pages.behind import Asked
from monitoring.pages.component import metric_url
from monitoring.pages.components import COMPONENTS, Component
from monitoring.pages.page import FIGURES, rendered
from monitoring.pages.time_range import TimeRange
from pages import figures

# Looked at once a minute: what is older says nothing of now.
FRESH = timedelta(minutes=5)
USED = {
    "process.cpu": "Processor, of one",
    "process.memory": "Memory",
    "disk.used": "Disk used",
    "disk.read": "Read from disks in a minute",
    "disk.written": "Written to disks in a minute",
    "database.connections": "Database connections",
    "workers.alive": "Workers",
    "outbox.waiting": "Notices not sent yet",
}
DONE = {
    "stock.postings": "Stock postings",
    "product.views": "Product pages viewed",
    "product.edits": "Products edited",
    "admin.actions": "Administrators' actions",
    "batch.redriven": "Letters redriven",
    "batch.images": "Images moved",
}


class ComponentRow(NamedTuple):
    component: Component
    counted: Summary
    rate: float
    failures: str
    tone: str
    p95: float | None
    p99: float | None
    tone_p95: str
    failed_url: str
    slowest_url: str


class Level(NamedTuple):
    name: str
    of: str
    text: str
    tone: str
    at: datetime
    url: str


class Done(NamedTuple):
    title: str
    summary: Summary
    url: str
    failed_url: str
    metric_url: str


def overview(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(FIGURES):
        # The address is the admin's own for this app: whoever follows its path there gets the list they always had.
        return admin.site.app_index(request, "monitoring")
    range = time_range.of_request(request)
    asked = [metric for its in COMPONENTS.values() for metric in (its.counted, its.timed)]
    found = read.totals(list(dict.fromkeys([*asked, *DONE])), range.start, range.end)
    totals = {metric: its.get((), Summary()) for metric, its in found.items()}
    context = {
        "title": "Monitoring",
        "range": range,
        "rows": [_row(request, component, range, totals) for component in COMPONENTS.values()],
        "levels": levels(range),
        "done": [_done(request, metric, title, range, totals[metric]) for metric, title in DONE.items()],
        "metrics": [(metric, metric_url(metric.name, range)) for metric in METRICS.values()],
    }
    return rendered(request, "nightshelf/monitoring/overview.html", context)


def levels(range: TimeRange) -> list[Level]:
    """What was seen last of each, no longer ago than FRESH."""
    minute = range.now.replace(second=0, microsecond=0)
    found = read.several(list(USED), minute - FRESH, minute + MINUTE, MINUTE, by=["process"])
    return [
        _level(metric, key[0], points[-1].at, points[-1].summary, range)
        for metric in USED
        for key, points in found[metric].items()
    ]


def _level(metric: str, of: str, at: datetime, its: Summary, range: TimeRange) -> Level:
    kind, value = METRICS[metric], its.average
    text = figures.quantity(value, kind.unit) + ("" if kind.unit in ("%", "bytes", "s") else f" {kind.unit}")
    url = metric_url(metric, range, **({"process": of} if of else {}))
    return Level(USED[metric], of, text, targets.tone(metric, "average", value), at, url)


def _row(request: HttpRequest, component: Component, range: TimeRange, totals: dict[str, Summary]) -> ComponentRow:
    counted, timed = totals[component.counted], totals[component.timed]
    rate, p95 = counted.failure_rate, timed.percentile(95)
    asked = Asked(range.start, range.end)
    return ComponentRow(
        component, counted, counted.count / range.seconds, figures.quantity(rate, "%"),
        figures.failure_tone(rate or 0.0), p95, timed.percentile(99),
        targets.tone(component.timed, "p95", p95),
        behind.url(component.counted, asked._replace(failed=True), request),
        behind.url(component.timed, asked._replace(slowest=True), request),
    )  # fmt: skip


def _done(request: HttpRequest, metric: str, title: str, range: TimeRange, its: Summary) -> Done:
    asked = Asked(range.start, range.end)
    return Done(
        title, its, behind.url(metric, asked, request), behind.url(metric, asked._replace(failed=True), request),
        metric_url(metric, range),
    )  # fmt: skip
