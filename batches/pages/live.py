"""Pieces of the home page that it fetches by itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from batches import workers
from batches.pages import home


def urls(admin: Any) -> list[URLPattern]:
    """`admin` is the jobs' admin: whoever may not see jobs does not see these."""

    def part(template: str, context: Any) -> Any:
        def view(request: HttpRequest) -> HttpResponse:
            if not admin.has_view_permission(request):
                raise PermissionDenied
            response: HttpResponse = admin.rendered_part(request, template, {"now": timezone.now(), **context()})
            return response

        return admin.admin_site.admin_view(view)

    return [
        path("running/", part("nightshelf/home/running.html", home.running), name="batches_home_running"),
        path("figures/", admin.admin_site.admin_view(_figures), name="batches_home_figures"),
        path("workers/", part("nightshelf/home/workers.html", _workers), name="batches_home_workers"),
    ]


def _figures(request: HttpRequest) -> HttpResponse:
    """For everybody: what each section needs, it asks for itself."""
    return render(request, "nightshelf/home/live.html", home.live(request))


def _workers() -> dict[str, Any]:
    return {"asked": True, "answer": workers.ask()}
