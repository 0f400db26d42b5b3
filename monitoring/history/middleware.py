"""What a request changes, it changes for who sent it. A GET changes nothing, so reading pages costs nothing more."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from monitoring.history.context import on_behalf

READING = {"GET", "HEAD", "OPTIONS", "TRACE"}


class HistoryMiddleware:
    """After RequestContextMiddleware, whose ids it passes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READING:
            return self.get_response(request)
        # The address without its query: that may hold what somebody searched for.
        with on_behalf("web", f"{request.method} {request.path}", user=request.user.pk):
            return self.get_response(request)
