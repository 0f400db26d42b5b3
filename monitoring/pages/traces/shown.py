"""Pieces of the pages of traces, and what they say where there is none."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from monitoring.pages.page import rendered


def part(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A piece of a page, fetched by the page itself."""
    return render(request, template, context)


def no_trace(request: HttpRequest, sentence: str) -> HttpResponse:
    context = {"title": "No such trace", "sentence": sentence}
    if request.headers.get("HX-Request"):
        return part(request, "nightshelf/traces/gone.html", context)
    return rendered(request, "nightshelf/traces/none.html", context, status=404)
