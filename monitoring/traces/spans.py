"""Steps begin and end here. What a step is part of: the span that is active, or the trace it is said to belong to.

A job, a redrive or an image carries the number of its trace through the database. What is done for it, in whatever
process and however much later, hangs on that trace's anchor: a span whose number follows from the trace's, so that
nobody has to look it up. The work that happened to be active then, a task that serves many jobs, is linked instead.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.conf import settings
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from monitoring import process
from monitoring.traces import provider
from monitoring.traces.part import Leaf, Line, Part, new_span_id
from monitoring.traces.redact import told

MOST_LINKS = 32
NO_CONTEXT = Context()
KEPT, NOT_KEPT = TraceFlags(TraceFlags.SAMPLED), TraceFlags(0)

P = ParamSpec("P")
R = TypeVar("R")

_unobserved: ContextVar[bool] = ContextVar("nightshelf_unobserved", default=False)


class Step:
    """A span that has begun. `inside` makes it the active one, in any thread; `end` ends it, once."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._ended = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        with trace.use_span(self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            yield

    def around(self, function: Callable[P, R]) -> Callable[P, R]:
        """The same function, inside this step: for a pool of threads, which know nothing of what was active."""

        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            with self.inside():
                return function(*args, **kwargs)

        return inside

    def note(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            if value is not None:
                self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def fail(self, message: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, message))

    def end(self, fault: BaseException | None = None) -> None:
        if self._ended:
            return
        self._ended = True
        if fault is not None:
            self.fail(told(fault))
        self._span.end()

    @property
    def place(self) -> SpanContext:
        return self._span.get_span_context()


class NoStep(Step):
    """With traces switched off."""

    def __init__(self) -> None:
        super().__init__(trace.INVALID_SPAN)


class Place(NamedTuple):
    """What a new span hangs on, and what it goes back to."""

    context: Context | None
    links: list[Link]


def begin(  # noqa: PLR0913
    name: str,
    *,
    trace_id: str = "",
    job: int | None = None,
    links: Iterable[str] = (),
    anchor: bool = False,
    root: bool = False,
    component: str = "",
    kind: SpanKind = SpanKind.INTERNAL,
    parent: SpanContext | None = None,
    began: int | None = None,
    **attributes: Any,
) -> Step:
    """Begin a step: of the trace `trace_id`, or of what is active, or (`root`) of nothing before it.

    `links`: traces it goes back to. `anchor`: what others hang on that are given this trace's number later. `began`:
    when, in nanoseconds since 1970, if it was earlier than now. Names never contain ids: those are attributes.
    """
    if not settings.TRACES or _unobserved.get():
        return NoStep()
    place = _place(trace_id, root=root, anchor=anchor, parent=parent)
    given = {"component": component or str(process.component()), **attributes, **({"job": job} if job else {})}
    all_links = [*place.links, *(Link(anchor_of(each)) for each in list(dict.fromkeys(links))[:MOST_LINKS])]
    token = provider.given_ids.set(_ids(trace_id) if anchor else None)
    try:
        span = provider.tracer().start_span(
            name, place.context, kind, {k: v for k, v in given.items() if v is not None}, all_links, began
        )
    finally:
        provider.given_ids.reset(token)
    part = provider.part_of(span.get_span_context())
    if part is not None:
        part.keep |= bool(trace_id)
        part.job_id = part.job_id or job
    return Step(span)


@contextmanager
def span(name: str, **how: Any) -> Iterator[Step]:
    """A step that is over when the work inside is; it failed when that raises. See `begin`.

    Not when what it raises is `expected`: a lease that was lost, somebody who got there first.
    """
    step = begin(name, **how)
    try:
        with step.inside():
            yield step
    except BaseException as fault:
        step.end(None if getattr(fault, "expected", False) else fault)
        raise
    step.end()


def leaf(
    name: str,
    component: str,
    began: int,
    seconds: float,
    fault: BaseException | None = None,
    **attributes: Any,
) -> None:
    """What was asked of somebody else, and is over: hung on the active step, if there is one."""
    here = trace.get_current_span().get_span_context().span_id
    if part := provider.part_at(here):
        failure = "" if fault is None else told(fault)
        part.add_leaf(
            Leaf(new_span_id(), here, name, component, began, seconds, fault is not None, failure, attributes)
        )


def say(line: Callable[[int], Line]) -> None:
    """A line of the log, made only if there is an active step to hang it on."""
    here = trace.get_current_span().get_span_context().span_id
    if (part := provider.part_at(here)) and not _unobserved.get():
        part.add_line(line(here))


def here() -> tuple[str, str] | None:
    """Trace and span that are active, in hex."""
    context = trace.get_current_span().get_span_context()
    return (f"{context.trace_id:032x}", f"{context.span_id:016x}") if context.is_valid else None


def new_trace() -> str:
    """The trace of work that begins now and goes on elsewhere: that of the request or command which begins it.

    One piece of work for each: whoever begins a hundred jobs does not put them all into one trace.
    """
    part = provider.current_part()
    if part is None or part.given:
        return f"{provider.Ids().generate_trace_id():032x}"
    part.given = part.keep = True
    return f"{part.trace_id:032x}"


def anchor_of(trace_id: str) -> SpanContext:
    trace, span = _ids(trace_id)
    return SpanContext(trace, span, is_remote=True, trace_flags=KEPT)


def is_observed() -> bool:
    return not _unobserved.get()


@contextmanager
def unobserved() -> Iterator[None]:
    """No spans and no figures of what is done inside: of telemetry's own work, which would never come to an end."""
    token = _unobserved.set(True)
    try:
        yield
    finally:
        _unobserved.reset(token)


def is_kept(part: Part | None) -> bool:
    """Whether it is sure already that the active part will be kept: told to whoever goes on with it."""
    from monitoring.traces.keep import is_sampled

    return part is not None and (part.keep or is_sampled(part.trace_id))


def now() -> int:
    return time.time_ns()


def _place(trace_id: str, *, root: bool, anchor: bool, parent: SpanContext | None) -> Place:
    active = trace.get_current_span().get_span_context()
    if parent is not None:
        return Place(trace.set_span_in_context(NonRecordingSpan(parent), NO_CONTEXT), [])
    if root:
        return Place(NO_CONTEXT, [])
    if not trace_id or (active.is_valid and active.trace_id == int(trace_id, 16)):
        return Place(None, [])
    if part := provider.part_of(active):
        part.keep = True  # what is linked to should be there
    links = [Link(active)] if active.is_valid else []
    if anchor:
        return Place(NO_CONTEXT, links)
    return Place(trace.set_span_in_context(NonRecordingSpan(anchor_of(trace_id)), NO_CONTEXT), links)


def _ids(trace_id: str) -> tuple[int, int]:
    number = int(trace_id, 16)
    return number, int.from_bytes(hashlib.sha256(number.to_bytes(16)).digest()[:8]) or 1
