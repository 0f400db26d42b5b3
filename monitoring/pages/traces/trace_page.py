"""`…/traces/<id>/`: the waterfall of a trace, what its length is made of, its errors, links and log lines."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse

from monitoring.models import LogLine
from monitoring.pages.page import rendered
from monitoring.pages.traces.layout import laid_out
from monitoring.pages.traces.leads_to import leads_to
from monitoring.pages.traces.linked import linked
from monitoring.pages.traces.load import lines_of
from monitoring.pages.traces.matching import DEPTHS, Chosen, chosen, matching, tops, with_the_way
from monitoring.pages.traces.omitted import omitted
from monitoring.pages.traces.opened import Opened, opened
from monitoring.pages.traces.selected import Selected, selected
from monitoring.pages.traces.shown import no_trace, part
from monitoring.pages.traces.span_part import told_span
from monitoring.pages.traces.tree import Node, above, below
from monitoring.pages.traces.waterfall import Window, drawn, window
from monitoring.pages.traces.whole import Whole, find_whole

MOST_ERRORS = 20
MOST_LINES = 200


def kept(trace_id: str) -> Whole | None:
    is_one = len(trace_id) == 32 and not trace_id.strip("0123456789abcdef")
    return find_whole(trace_id) if is_one else None


def not_kept(request: HttpRequest, trace_id: str) -> HttpResponse:
    return no_trace(
        request,
        f"No trace {trace_id[:64]} is kept. Traces without an error are kept by sample, all are dropped when they are"
        " too old, and a running one is here some seconds after its first step.",
    )


def trace_page(request: HttpRequest, trace_id: str) -> HttpResponse:
    trace = kept(trace_id)
    if trace is None:
        return not_kept(request, trace_id)
    found, choice = opened(trace), chosen(request.GET)
    asked = request.GET.get("span", "")
    context = {
        "title": trace.name, "trace": trace, "opened": found, "choice": choice, "levels": DEPTHS,
        "errors": sorted(found.failed, key=lambda node: node.begin)[:MOST_ERRORS],
        "panel": told_span(found, asked) if asked else None, "span_id": asked,
        "leads_to": leads_to(request.user, trace.trace_id, trace.job_id), "linked": linked(trace),
        "person": _person(trace.user_id), "omitted": omitted(trace),
        **_waterfall(request, found, choice), **_lines(request, trace),
    }  # fmt: skip
    return rendered(request, "nightshelf/traces/page.html", context)


def rows_part(request: HttpRequest, trace_id: str) -> HttpResponse:
    """The rows that one row stood for, in its place."""
    trace = kept(trace_id)
    if trace is None:
        return not_kept(request, trace_id)
    found = opened(trace)
    context = {"trace": trace, "opened": found, **_waterfall(request, found, chosen(request.GET))}
    return part(request, "nightshelf/traces/rows.html", context)


def _waterfall(request: HttpRequest, found: Opened, choice: Chosen) -> dict[str, Any]:
    pinned = _pinned(found, request.GET.get("span", ""))
    some = selected(found.tree, request.GET, {one for node in pinned for one in (node, *above(node))})
    wanted = matching(found.tree, choice)
    among = with_the_way(wanted)
    first = tops(found.tree, choice)
    over = _over(first)
    chosen_ones = some.nodes if some else first
    nodes = [node for node in chosen_ones if among is None or node in among]
    rows = laid_out(
        nodes,
        pinned=[node for node in pinned if among is None or node in among],
        among=among,
        apart=bool(some and some.apart),
        depth=some.depth if some else 0,
    )
    return {
        "rows": drawn(rows, over, wanted, DEPTHS[choice.levels]), "window": over, "some": some,
        "matched": None if wanted is None else len(wanted), "following": _following(some),
        "shown_rows": len(rows), "carried": choice.address()[1:],
    }  # fmt: skip


def _over(first: list[Node]) -> Window:
    return window(first, [node.end for top in first for node in below(top)])


def _following(some: Selected | None) -> tuple[str, int] | None:
    return (some.following, some.left) if some and some.following else None


def _pinned(found: Opened, asked: str) -> list[Node]:
    """The step that is asked for, and the first that failed, are in sight whatever is put away."""
    first = sorted(found.failed, key=lambda node: node.begin)[:MOST_ERRORS]
    return [*first, *([found.tree.nodes[asked]] if asked in found.tree.nodes else [])]


def _lines(request: HttpRequest, trace: Whole) -> dict[str, Any]:
    """A page of them at a time; a trace's own are never many pages."""
    start = request.GET.get("lines", "")
    begin = int(start) if start.isdecimal() and len(start) < 7 else 0
    found: list[LogLine] = list(lines_of(trace)[begin : begin + MOST_LINES + 1])
    return {
        "lines": found[:MOST_LINES], "lines_from": begin,
        "next_lines": begin + MOST_LINES if len(found) > MOST_LINES else None,
    }  # fmt: skip


def _person(user_id: int | None) -> str:
    if user_id is None:
        return ""
    name = get_user_model()._default_manager.filter(pk=user_id).values_list("username", flat=True).first()
    return str(name or f"user {user_id}, who is gone")
