"""A request is a span, called by its method and the template of its address: never by the address itself."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from opentelemetry.trace import SpanKind

from monitoring import process
from monitoring.components import Component
from monitoring.context import carrying
from monitoring.metrics.of_requests import method_of, template_of
from monitoring.traces import carrier, provider, spans
from monitoring.traces.redact import told

NOT_TRACED = ("/metrics", "/api/health")
UNMATCHED = "unmatched"


class TraceMiddleware:
    """Before all others that do something, so that the span is as long as the answer took.

    The trace of a proxy in front goes on here when its header is sane; that it is to be kept is not taken from there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        process.is_(Component.WEB)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith((*NOT_TRACED, f"/{settings.STATIC_URL.lstrip('/')}")):
            return self.get_response(request)
        parent = carrier.parse(request.headers.get("traceparent", ""), believed=False)
        with spans.span(method_of(request), root=True, parent=parent, kind=SpanKind.SERVER) as step:
            here = spans.here()
            with carrying(trace_id=here[0] if here else None):
                response = self.get_response(request)
            _tell(step, request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Django makes a response of it: why it failed is known only here."""
        request.META["nightshelf.fault"] = told(exception)


def _tell(step: spans.Step, request: HttpRequest, response: HttpResponse) -> None:
    step.rename(f"{method_of(request)} {_route(request)}")
    step.note(status=response.status_code)
    part = provider.part_of(step.place)
    # Only one that was looked up already: asking would be a query.
    user = getattr(request, "_cached_user", None)
    if part is not None and user is not None and user.pk:
        part.user_id = user.pk
    if response.status_code >= 500:
        step.fail(request.META.get("nightshelf.fault", f"Status {response.status_code}"))


def _route(request: HttpRequest) -> str:
    """As the figures of requests call it, so that a figure leads to its traces."""
    return f"/{template_of(request.resolver_match.route).removeprefix('/')}" if request.resolver_match else UNMATCHED
