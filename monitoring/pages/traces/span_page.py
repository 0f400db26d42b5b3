"""`…/traces/<id>/span/<span>/`: the panel of one step; without scripts, the trace's page with the panel in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from monitoring.pages.traces.opened import opened
from monitoring.pages.traces.shown import no_trace, part
from monitoring.pages.traces.span_part import told_span
from monitoring.pages.traces.trace_page import kept, not_kept


def span_page(request: HttpRequest, trace_id: str, span_id: str) -> HttpResponse:
    trace = kept(trace_id)
    if trace is None:
        return not_kept(request, trace_id)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('monitoring:trace', args=[trace_id])}?span={span_id[:16]}#span-panel")
    found = opened(trace)
    panel = told_span(found, span_id)
    if panel is None:
        return no_trace(request, f"Step {span_id[:16]} of this trace is not kept.")
    return part(request, "nightshelf/traces/panel.html", {"panel": panel, "trace": trace})
