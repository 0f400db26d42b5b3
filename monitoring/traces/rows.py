"""What a part comes to in the tables. Made by the exporter's thread, not by the work's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanKind, StatusCode

from monitoring import process
from monitoring.components import Component
from monitoring.traces.part import Leaf, Line, Part

NAME_CHARS = 200
TEXT_CHARS = 1_000
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
KINDS = {kind: kind.name.lower() for kind in SpanKind}


class SpanRow(NamedTuple):
    trace_id: bytes
    span_id: bytes
    parent_id: bytes | None
    name: str
    kind: str
    component: str
    caller: str
    instance: str
    started_at: datetime
    seconds: float
    failed: bool
    message: str
    attributes: str
    links: str
    job_id: int | None
    user_id: int | None


class LineRow(NamedTuple):
    number: int
    at: datetime
    level: str
    event: str
    trace_id: bytes
    span_id: bytes
    fields: str


class Rows(NamedTuple):
    spans: list[SpanRow]
    lines: list[LineRow]

    @property
    def size(self) -> int:
        return len(self.spans) + len(self.lines)


def rows_of(part: Part) -> Rows:
    caller, instance = str(process.component()), process.instance()
    spans = [_of_span(span, part, caller, instance) for span in part.spans]
    spans += [_of_leaf(leaf, part, caller, instance) for leaf in part.leaves]
    return Rows(spans, [_of_line(line, part) for line in part.lines])


def _of_span(span: ReadableSpan, part: Part, caller: str, instance: str) -> SpanRow:
    context = span.get_span_context() or INVALID_SPAN_CONTEXT
    attributes = dict(span.attributes or {})
    component = str(attributes.pop("component", caller))
    job = attributes.pop("job", None)
    if part.omitted and context.span_id == part.root.get_span_context().span_id:
        attributes["omitted"] = json.dumps(dict(part.omitted))
    return SpanRow(
        trace_id=context.trace_id.to_bytes(16),
        span_id=context.span_id.to_bytes(8),
        parent_id=span.parent.span_id.to_bytes(8) if span.parent else None,
        name=_text(span.name, NAME_CHARS),
        kind=KINDS[span.kind],
        component=component if component in Component.values else caller,
        caller=caller,
        instance=instance,
        started_at=_moment(span.start_time or 0),
        seconds=max(0, (span.end_time or 0) - (span.start_time or 0)) / 1e9,
        failed=span.status.status_code is StatusCode.ERROR,
        message=_text(span.status.description or "", TEXT_CHARS),
        attributes=_json(attributes),
        links=_json(list(_links(span))),
        job_id=int(str(job)) if job else part.job_id,
        user_id=part.user_id,
    )


def _links(span: ReadableSpan) -> Iterator[dict[str, str]]:
    for link in span.links:
        yield {"trace_id": f"{link.context.trace_id:032x}", "span_id": f"{link.context.span_id:016x}"}


def _of_leaf(leaf: Leaf, part: Part, caller: str, instance: str) -> SpanRow:
    return SpanRow(
        trace_id=part.trace_id.to_bytes(16),
        span_id=leaf.span_id.to_bytes(8),
        parent_id=leaf.parent_id.to_bytes(8),
        name=_text(leaf.name, NAME_CHARS),
        kind="client",
        component=leaf.component,
        caller=caller,
        instance=instance,
        started_at=_moment(leaf.began),
        seconds=leaf.seconds,
        failed=leaf.failed,
        message=_text(leaf.failure, TEXT_CHARS),
        attributes=_json(leaf.said),
        links="[]",
        job_id=part.job_id,
        user_id=part.user_id,
    )


def _of_line(line: Line, part: Part) -> LineRow:
    return LineRow(
        line.number, line.at, line.level, _text(line.event, NAME_CHARS), part.trace_id.to_bytes(16),
        line.span_id.to_bytes(8), _json(line.fields),
    )  # fmt: skip


def _moment(nanoseconds: int) -> datetime:
    return BEGINNING + timedelta(microseconds=nanoseconds // 1000)


def _text(text: str, most: int) -> str:
    return text[:most].replace("\x00", "").encode("utf-8", "replace").decode()


def _json(value: Mapping[str, Any] | list[dict[str, str]]) -> str:
    return json.dumps(value, default=str).replace("\\u0000", "")
