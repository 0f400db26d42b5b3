"""Pages that are no model's: in the admin's look, and for those who may see what they show."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

FIGURES, TRACES = "monitoring.view_series", "monitoring.view_trace"
View = Callable[..., HttpResponse]


def for_those_with(permission: str, view: View) -> View:
    """Asks for sign-in first, and for the permission second."""

    @wraps(view)
    def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(permitted)


for_watchers, for_readers = partial(for_those_with, FIGURES), partial(for_those_with, TRACES)


def rendered(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> TemplateResponse:
    request.current_app = admin.site.name
    common = {**admin.site.each_context(request), "opts": None, "now": timezone.now()}
    return TemplateResponse(request, template, {**common, **context}, status=status)
