"""`…/map/`: who asks whom, as a drawing and as a table; each edge opens the traces behind it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from monitoring.models import Span
from monitoring.pages.page import rendered
from monitoring.pages.traces.edges import VISITORS, Edge, edges
from monitoring.pages.traces.map_drawing import drawing
from monitoring.pages.traces.shares import LABELS
from monitoring.pages.traces.time_range import READY, TimeRange, asked_range
from pages import figures

NAMES = {**LABELS, VISITORS: "Visitors"}
ICONS = {
    VISITORS: "person", "web": "language", "worker": "settings", "scheduler": "schedule", "consumer": "inbox",
    "command": "terminal", "database": "database", "storage": "folder_open", "queue": "stacks", "model": "neurology",
}  # fmt: skip


def map_page(request: HttpRequest) -> HttpResponse:
    faults: list[str] = []
    time = asked_range(request.GET, "1h", faults)
    component = request.GET.get("component", "")
    if component and component not in Span.Component.values:
        faults.append(f"“{component[:40]}” is no component: choose one of the list.")
        component = ""
    errors = request.GET.get("errors", "") not in ("", "0")
    found = edges(time, component, errors)
    drawn = drawing(found)
    start, end = (timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") for moment in time[:2])
    context = {
        "title": "Service map", "drawing": drawn, "faults": faults, "time": time, "component": component,
        "errors": errors, "components": Span.Component.choices, "as_of": timezone.now(),
        "ranges": {key: label for key, (label, _) in READY.items()},
        "start": "" if time.ready else start, "end": "" if time.ready else end,
        "filtered": bool(component or errors or not time.ready),
        "nodes": [{"name": NAMES[name], "icon": ICONS[name], "box": box} for name, box in drawn.nodes.items()],
        "lines": sorted(({"line": line, "told": _told(line.edge, time)} for line in drawn.lines), key=_by_name),
        "sampled": any(edge.sampled for edge in found),
    }  # fmt: skip
    return rendered(request, "nightshelf/traces/map.html", context)


def _by_name(one: dict[str, Any]) -> tuple[str, str]:
    return one["told"]["source"], one["told"]["target"]


def _told(edge: Edge, time: TimeRange) -> dict[str, Any]:
    return {
        "edge": edge, "source": NAMES.get(edge.source, edge.source), "target": NAMES.get(edge.target, edge.target),
        "rate": rate(edge.rate), "tone": figures.failure_tone(edge.failure_rate), "url": _traces(edge, time),
    }  # fmt: skip


def _traces(edge: Edge, time: TimeRange) -> str:
    """The search for what is behind an edge; its slowest first, unless something failed."""
    asked = {"component": edge.target}
    if edge.source not in (VISITORS, "queue"):  # those two measure nothing themselves
        asked["caller"] = edge.source
    more = {"errors": "1"} if edge.errors else {"order": "slowest"}
    return f"{reverse('monitoring:traces')}?{urlencode({**asked, **more, **time.asked})}"


def rate(a_minute: float) -> str:
    """In the unit in which it is a figure: `12/s`, `3.4/min`, `2/h`."""
    for number, unit in ((a_minute / 60, "s"), (a_minute, "min"), (a_minute * 60, "h")):
        if number >= 1 or unit == "h":
            return f"{number:,.0f}/{unit}" if number >= 10 else f"{number:.1f}/{unit}"
    raise AssertionError("hours are the last unit")
