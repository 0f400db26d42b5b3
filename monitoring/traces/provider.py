"""OpenTelemetry's provider of this process, made when the first span begins: after a fork, a child makes its own.

Its one processor gathers the spans of a part, and hands the part over when its root has ended. All spans are recorded:
whether they are kept is decided at the end (`keep`). A foreign instrumentation's spans take the same way.
"""

from __future__ import annotations

import os
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanContext, StatusCode, Tracer

from monitoring import process
from monitoring.traces.export import exporter
from monitoring.traces.keep import is_kept
from monitoring.traces.part import Part

SERVICE = "nightshelf"
MOST_LIVE = 20_000

# Of the span that is about to begin: its trace and its own number, where they are given.
given_ids: ContextVar[tuple[int, int] | None] = ContextVar("nightshelf_given_ids", default=None)

_live: dict[int, Part] = {}


def tracer() -> Tracer:
    return _tracers[0] if _tracers else _make()


def part_of(context: SpanContext) -> Part | None:
    """The part that a span of this process belongs to, while it lasts."""
    return _live.get(context.span_id)


def part_at(span_id: int) -> Part | None:
    return _live.get(span_id)


def current_part() -> Part | None:
    return part_of(trace.get_current_span().get_span_context()) if _live else None


class Ids(RandomIdGenerator):
    def generate_span_id(self) -> int:
        given = given_ids.get()
        return given[1] if given else super().generate_span_id()

    def generate_trace_id(self) -> int:
        given = given_ids.get()
        return given[0] if given else super().generate_trace_id()


class Gathering(SpanProcessor):
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        parent = span.parent
        part = _live.get(parent.span_id) if parent and not parent.is_remote else None
        if part is None:
            # A remote parent that is kept wants us to keep ours: then the trace is whole.
            keep = parent is not None and parent.is_remote and parent.trace_flags.sampled
            part = Part(span, span.get_span_context().trace_id, keep=keep)
        if len(_live) >= MOST_LIVE:  # spans that nobody ends
            _live.clear()
        _live[span.get_span_context().span_id] = part

    def on_end(self, span: ReadableSpan) -> None:
        part = _live.pop(span.context.span_id, None) if span.context else None
        if part is None:
            return
        part.add_span(span, failed=span.status.status_code is StatusCode.ERROR)
        if part.is_root(span):
            part.ended = True
            if is_kept(part, ((span.end_time or 0) - (span.start_time or 0)) / 1e9):
                exporter().offer(part)


_tracers: list[Tracer] = []


def _make() -> Tracer:
    resource = Resource({"service.name": SERVICE, "service.instance.id": process.instance()})
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, id_generator=Ids(), shutdown_on_exit=False)
    provider.add_span_processor(Gathering())
    _tracers[:] = [provider.get_tracer(SERVICE)]
    return _tracers[0]


def begin_anew() -> None:
    _tracers.clear()
    _live.clear()


os.register_at_fork(after_in_child=begin_anew)
