"""The rows or traces behind a figure. An app that keeps the rows of a metric registers where they are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from monitoring.models import Span
from monitoring.traces import middleware, sending


class Asked(NamedTuple):
    """What was counted in [start, end) with these labels; only what failed of it, or the slowest of it first."""

    start: datetime
    end: datetime
    labels: Mapping[str, str] = {}
    failed: bool = False
    slowest: bool = False


# A figure is told when what it counts is over, and a search asks when it began.
BEGAN_BEFORE = timedelta(minutes=1)
NOT_TRACED = {"static", *(path.removeprefix("/") for path in middleware.NOT_TRACED), *sending.NOT_TRACED}

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
    if NOT_TRACED.intersection(asked.labels.values()):
        return ""
    asks = {
        **_steps(metric, str(component), asked),
        "errors": "1" if asked.failed else "",
        "from": (asked.start - BEGAN_BEFORE).astimezone(UTC).isoformat(timespec="seconds"),
        "to": asked.end.astimezone(UTC).isoformat(timespec="seconds"),
        "order": "slowest" if asked.slowest else "",
    }
    return f"{address}?{urlencode({name: value for name, value in asks.items() if value})}"


def _steps(metric: str, component: str, asked: Asked) -> dict[str, str]:
    """Which steps are counted, as a search asks for them. Where labels do not say, all of the component."""
    labels = asked.labels
    match metric:
        case "batch.chunk" | "batch.file" if not asked.failed:  # a command takes files in as well as a worker
            return {"name": "chunk" if metric == "batch.chunk" else "finish"}
        case "http.request" if labels.keys() >= {"route", "method"}:
            return {"component": component, "name": f"{labels['method']} {_route(labels['route'])}"}
        case "task.run" if "task" in labels:
            return {"component": component, "name": f"task {labels['task']}"}
    operation = f"storage.{labels['operation']}" if "operation" in labels else ""
    return {"component": component, "caller": labels.get("component", ""), "name": operation}


def _route(route: str) -> str:
    """As the span of a request is called: what no route fits has no path."""
    return route if route == middleware.UNMATCHED else f"/{route.removeprefix('/')}"
