"""Who and what the present work is for: ids that every log line carries (O-LOG-04, Y10)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_context: ContextVar[dict[str, str]] = ContextVar("nightshelf_context", default={})  # noqa: B039 - never mutated


@contextmanager
def carrying(**ids: object) -> Iterator[None]:
    """Add ids (trace, job, chunk …) to every log line written inside; None and '' are left out."""
    token = _context.set(
        {**_context.get(), **{key: str(value) for key, value in ids.items() if value not in (None, "")}}
    )
    try:
        yield
    finally:
        _context.reset(token)


def carried() -> dict[str, str]:
    return _context.get()


class ContextFilter(logging.Filter):
    """Puts the carried ids on each record, and those of the active span; ids given at the call win."""

    def filter(self, record: logging.LogRecord) -> bool:
        for key, value in {**carried(), **_active()}.items():
            if not hasattr(record, key):
                setattr(record, key, value)
        return True


def _active() -> dict[str, str]:
    from monitoring.traces import spans

    here = spans.here()
    return {"trace_id": here[0], "span_id": here[1]} if here else {}


class RequestContextMiddleware:
    """Each request gets an id, taken from `X-Request-Id` when a proxy sent a sane one, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _sane(request.headers.get("X-Request-Id", "")) or uuid.uuid4().hex
        with carrying(request_id=request_id, user=request.user.pk):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


def _sane(value: str) -> str:
    # A header is anybody's text: only what cannot break a log line or a page is taken over.
    return value if len(value) <= 64 and value.replace("-", "").isalnum() and value.isascii() else ""
