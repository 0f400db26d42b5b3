"""Kept parts to a collector as well, where one is configured: the same spans, by OpenTelemetry's own sender.

It has its own queue and thread, and drops what has no room. X-Ray's collector takes W3C trace ids as they are.
"""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from monitoring.traces.part import Leaf, Part

KEPT = TraceFlags(TraceFlags.SAMPLED)


class Sender:
    def __init__(self, endpoint: str) -> None:
        self._batches = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))

    def send(self, part: Part) -> None:
        for span in part.spans:
            self._batches.on_end(span)
        for leaf in part.leaves:
            self._batches.on_end(_span_of(leaf, part))

    def shutdown(self) -> None:
        self._batches.shutdown()  # type: ignore[no-untyped-call]


def _span_of(leaf: Leaf, part: Part) -> ReadableSpan:
    return ReadableSpan(
        name=leaf.name,
        context=SpanContext(part.trace_id, leaf.span_id, is_remote=False, trace_flags=KEPT),
        parent=SpanContext(part.trace_id, leaf.parent_id, is_remote=False, trace_flags=KEPT),
        resource=part.root.resource,
        attributes={"component": leaf.component, **leaf.said},
        kind=SpanKind.CLIENT,
        status=Status(StatusCode.ERROR, leaf.failure) if leaf.failed else Status(StatusCode.UNSET),
        start_time=leaf.began,
        end_time=leaf.began + int(leaf.seconds * 1e9),
        instrumentation_scope=part.root.instrumentation_scope,
    )
