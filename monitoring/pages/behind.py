"""The rows or traces behind a figure. An app that keeps the rows of a metric registers where they are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from monitoring.models import Span


class Asked(NamedTuple):
    """What was counted in [start, end) with these labels; only what failed of it, or the slowest of it first."""

    start: datetime
    end: datetime
    labels: Mapping[str, str] = {}
    failed: bool = False
    slowest: bool = False


Teller = Callable[[Asked, HttpRequest], str]
SEEN_BY = {
    "http.request": Span.Component.WEB,
    "task.run": Span.Component.WORKER,
    "batch.chunk": Span.Component.WORKER,
    "batch.file": Span.Component.WORKER,
    "database.statement": Span.Component.DATABASE,
    "storage.call": Span.Component.STORAGE,
    "queue.publish": Span.Component.QUEUE,
}

_tellers: dict[str, Teller] = {}


def register(metric: str, teller: Teller) -> None:
    """`teller` gives the address of a list, or '' for whoever may not see it. It asks the database nothing."""
    _tellers[metric] = teller


def url(metric: str, asked: Asked, request: HttpRequest) -> str:
    """'' where there is no such page."""
    if metric in _tellers:
        return _tellers[metric](asked, request)
    return traces(metric, asked, request)


def traces(metric: str, asked: Asked, request: HttpRequest) -> str:
    """Of those that were kept: traces are sampled, figures are not."""
    component = SEEN_BY.get(metric)
    if component is None or not request.user.has_perm("monitoring.view_trace"):
        return ""
    try:
        address = reverse("monitoring:traces")
    except NoReverseMatch:
        return ""
    asks = {
        "component": component.value,
        "name": _name(metric, asked.labels),
        "errors": "1" if asked.failed else "",
        "from": asked.start.astimezone(UTC).isoformat(timespec="seconds"),
        "to": asked.end.astimezone(UTC).isoformat(timespec="seconds"),
        "order": "slowest" if asked.slowest else "",
    }
    return f"{address}?{urlencode({name: value for name, value in asks.items() if value})}"


def _name(metric: str, labels: Mapping[str, str]) -> str:
    """What the first span of such a trace is called; '' where the labels do not say."""
    if metric == "http.request" and labels.keys() >= {"route", "method"}:
        return f"{labels['method']} /{labels['route'].removeprefix('/')}"
    return f"task {labels['task']}" if metric == "task.run" and "task" in labels else ""
