"""A line of the log for each request that was slow. The others are figures alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from monitoring import telemetry
from monitoring.metrics.of_requests import template_of


class SlowRequestMiddleware:
    """Inside the one that gives the request its id. Told by its route, never by its path."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        if seconds >= settings.SLOW_REQUEST_SECONDS:
            route = template_of(request.resolver_match.route) if request.resolver_match else "unmatched"
            telemetry.event(
                "request_slow", level=logging.WARNING, route=route, method=request.method,
                status=response.status_code, seconds=round(seconds, 3),
            )  # fmt: skip
        return response
