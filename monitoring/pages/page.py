"""Pages that are no model's: in the admin's look, and for those who may see figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

PERMISSION = "monitoring.view_series"
View = Callable[..., HttpResponse]


def for_watchers(view: View) -> View:
    """Asks for sign-in first, and for the permission second."""

    @wraps(view)
    def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(permitted)


def rendered(request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
    request.current_app = admin.site.name
    common = {**admin.site.each_context(request), "now": timezone.now()}
    return TemplateResponse(request, template, {**common, **context})
