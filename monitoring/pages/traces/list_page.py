"""`…/traces/`: the search, and what it found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from monitoring.models import Span
from monitoring.pages.page import rendered
from monitoring.pages.traces import found_by
from monitoring.pages.traces.search import Found, find
from monitoring.pages.traces.shares import shares
from monitoring.pages.traces.time_range import READY, iso_minute
from monitoring.pages.traces.wanted import ORDERS, Wanted, wanted
from monitoring.pages.traces.whole import Whole


def list_page(request: HttpRequest) -> HttpResponse:
    """A whole id that is kept leads to its trace at once."""
    asked = wanted(request.GET)
    found = find(asked, request.user)
    if len(asked.id) == 32 and [trace.trace_id for trace in found.traces] == [asked.id.lower()]:
        return redirect("monitoring:trace", asked.id.lower())
    context = {
        "title": "Traces", "wanted": asked, "found": found, "rows": _rows(found.traces),
        "components": Span.Component.choices, "ranges": {key: label for key, (label, _) in READY.items()},
        "orders": [(label, asked.address(order=key), key == asked.order) for key, label in ORDERS.items()],
        "next_url": asked.address(after=found.after) if found.after else "",
        "first_url": asked.address() if asked.after else "",
        "wide_url": asked.address(**{"from": "", "to": "", "range": "all"}),
        "known_ids": found_by.names(), "as_of": timezone.now(), **_ends(asked, found),
    }  # fmt: skip
    return rendered(request, "nightshelf/traces/list.html", context)


def _ends(asked: Wanted, found: Found) -> dict[str, Any]:
    """Both ends as a field for a local time takes them; and where a search that stopped early goes on."""
    start, end = (timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") for moment in asked.time[:2])
    older = _until(asked, found.since) if found.since else ""
    return {"start": "" if asked.time.ready else start, "end": "" if asked.time.ready else end, "older_url": older}


def _until(asked: Wanted, moment: datetime) -> str:
    time = {"from": iso_minute(asked.time.start), "to": moment.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    return asked.address(**{"range": "", **time})


def _rows(traces: list[Whole]) -> list[dict[str, Any]]:
    told = shares(traces) if traces else {}
    longest = max((trace.seconds for trace in traces), default=0.0) or 1.0
    return [
        {"trace": trace, "shares": told[trace.trace_id], "width": max(100 * trace.seconds / longest, 0.5)}
        for trace in traces
    ]
