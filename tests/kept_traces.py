"""Traces for tests: rows as the exporter stores them, written as trees."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from monitoring.models import LogLine, Span, Trace
from monitoring.partitions import make_for

_numbers = itertools.count(1)


def a_span_id() -> str:
    return f"{next(_numbers):016x}"


def a_moment(minutes_ago: float = 10) -> datetime:
    return timezone.now() - timedelta(minutes=minutes_ago)


def step(name: str, begin: float, seconds: float, children: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
    """`begin` is in seconds after the trace's. `more`: whatever else a span has."""
    return {"name": name, "begin": begin, "seconds": seconds, "children": children, **more}


def a_trace(*steps: dict[str, Any], at: datetime | None = None, **more: Any) -> Trace:
    """`more`: job_id, user_id, trace_id. Returns its row."""
    at = at or a_moment()
    trace_id = more.pop("trace_id", None) or uuid.uuid4().hex
    spans = _spans(steps, trace_id, at, more.get("parent"), more.get("job_id"))
    make_for("monitoring_span", [span.started_at for span in spans])
    make_for("monitoring_trace", [at])
    Span.objects.bulk_create(spans)
    first, ended = min(spans, key=lambda span: span.started_at), max(map(_ended, spans))
    return Trace.objects.create(
        day=first.started_at.astimezone(UTC).date(), trace_id=trace_id, name=first.name, component=first.component,
        started_at=first.started_at, ended_at=ended, seconds=(ended - first.started_at).total_seconds(),
        spans=len(spans), errors=sum(span.failed for span in spans), job_id=more.get("job_id"),
        user_id=more.get("user_id"),
    )  # fmt: skip


def a_request(at: datetime | None = None, seconds: float = 0.2, **more: Any) -> Trace:
    """A page with a statement and a call to storage."""
    return a_trace(
        step("GET /admin/batches/job/", 0, seconds, [
            step("SELECT batches_job", 0.01, seconds / 4, component="database"),
            step("storage read", seconds / 3, seconds / 3, component="storage"),
        ], kind="server", component="web"),
        at=at, **more,
    )  # fmt: skip


def a_job_trace(chunks: int = 4, statements: int = 3, at: datetime | None = None, **more: Any) -> Trace:
    """Chunk after chunk, each with statements: as many spans as wanted."""
    length = 0.5
    tasks = [
        step("task batches.work", number * length, length * 0.9, [
            step("SELECT batches_chunk" if n % 2 else "COPY batches_transaction",
                 number * length + n * length / statements, length / statements / 2, component="database")
            for n in range(statements)
        ], kind="consumer", instance=f"night/worker/{number % 2}")
        for number in range(chunks)
    ]  # fmt: skip
    return a_trace(step("job", 0, chunks * length, tasks, instance="night/worker/0"), at=at, **more)


def a_line(trace: Trace, event: str, *, seconds: float = 0.0, **more: Any) -> LogLine:
    at = trace.started_at + timedelta(seconds=seconds)
    make_for("monitoring_logline", [at])
    said = {"level": "INFO", "fields": {}, "span_id": None, **more}
    return LogLine.objects.create(at=at, number=next(_numbers), event=event, trace_id=trace.trace_id, **said)


def spans_of(trace: Trace) -> dict[str, Span]:
    return {span.name: span for span in Span.objects.filter(trace_id=trace.trace_id)}


def _spans(steps: Sequence[dict[str, Any]], trace_id: str, at: datetime, parent: Any, job_id: int | None) -> list[Span]:
    found, caller = [], {"web": "web"}
    for one in steps:
        said = {"component": "worker", "kind": "internal", "instance": "night/worker/0", "span_id": a_span_id(), **one}
        begin, children = said.pop("begin"), said.pop("children")
        if said["component"] in ("database", "storage", "queue", "model"):
            said = {"caller": "worker", **said, "kind": one.get("kind", "client")}
        said = {"parent_id": parent, "caller": caller.get(said["component"], said["component"]), **said}
        found.append(Span(trace_id=trace_id, started_at=at + timedelta(seconds=begin), job_id=job_id, **said))
        inherited = [{"caller": said["caller"], **child} if child.get("component") in ("database", "storage", "queue")
                     else child for child in children]  # fmt: skip
        found += _spans(inherited, trace_id, at, said["span_id"], job_id)
    return found


def _ended(span: Span) -> datetime:
    return span.started_at + timedelta(seconds=span.seconds)
