"""Each answered request, by the template of its route: how long it took, and whether it failed.

Never by its path: that would be a series for every product, and for every address a stranger tries.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from monitoring import telemetry

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NAMED_GROUP = re.compile(r"\(\?P(<\w+>)(?:[^()]|\([^()]*\))*\)")


class RequestFigures:
    """Outermost, where an exception of a view has become an answer with status 500 already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.static = f"/{settings.STATIC_URL.lstrip('/')}"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began, failed = time.perf_counter(), True
        try:
            response = self.get_response(request)
            failed = response.status_code >= 500
            return response
        finally:
            telemetry.measure(
                "http.request",
                time.perf_counter() - began,
                failed=failed,
                route=self._route(request),
                method=method_of(request),
            )

    def _route(self, request: HttpRequest) -> str:
        if request.resolver_match is not None:
            return template_of(request.resolver_match.route)
        return "static" if request.path.startswith(self.static) else "unmatched"


def method_of(request: HttpRequest) -> str:
    """A stranger may call it anything."""
    return request.method if request.method in METHODS else "OTHER"


@lru_cache(maxsize=1000)
def template_of(route: str) -> str:
    """`admin/^(?P<app_label>auth|batches)/$` is `admin/<app_label>/`: the admin has some patterns of regexes."""
    return NAMED_GROUP.sub(r"\1", route).replace("^", "").removesuffix("$").replace("\\Z", "") or "/"
