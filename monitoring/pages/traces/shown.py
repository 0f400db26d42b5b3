"""What the pages of traces have in common: who may see them, and the admin's frame around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone

PERMISSION = "monitoring.view_trace"
View = Callable[..., HttpResponse]


def for_readers(view: View) -> View:
    """Of the staff, whoever may see traces; others are asked to sign in, or refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *arguments, **named)

    return admin.site.admin_view(guarded)


def shown(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    request.current_app = admin.site.name
    frame = {**admin.site.each_context(request), "opts": None, "now": timezone.now()}
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def part(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A piece of a page, fetched by the page itself."""
    return render(request, template, context)


def no_trace(request: HttpRequest, sentence: str) -> HttpResponse:
    context = {"title": "No such trace", "sentence": sentence}
    if request.headers.get("HX-Request"):
        return part(request, "nightshelf/traces/gone.html", context)
    return shown(request, "nightshelf/traces/none.html", context, status=404)
