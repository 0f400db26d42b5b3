"""A trace's context on its way between processes: W3C's `traceparent`, whose flag says whether the trace is kept."""

from __future__ import annotations

import re

from opentelemetry import trace
from opentelemetry.trace import SpanContext, TraceFlags

from monitoring.traces import provider
from monitoring.traces.spans import is_kept

HEADER = "traceparent"
SANE = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def parse(header: str, *, believed: bool) -> SpanContext | None:
    """None for what is no sane context. A stranger is not `believed` that a trace is worth keeping."""
    found = SANE.fullmatch(header.strip())
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    flags = TraceFlags(int(found[3], 16) & TraceFlags.SAMPLED if believed else 0)
    return SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=flags)


def written(context: SpanContext | None = None) -> str:
    """Of a span of this process, the active one if none is named; '' when there is none."""
    context = context or trace.get_current_span().get_span_context()
    if not context.is_valid:
        return ""
    flag = int(is_kept(provider.part_of(context)))
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{flag:02x}"
