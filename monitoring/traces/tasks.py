"""A worker's side: a message is worked on in a span of the trace it was sent in (`sending`)."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from celery import signals
from opentelemetry.trace import SpanKind

from monitoring import process
from monitoring.components import Component
from monitoring.traces import carrier, spans
from monitoring.traces.export import exporter
from monitoring.traces.redact import told
from monitoring.traces.sending import NOT_TRACED

_running: dict[str, tuple[spans.Step, ExitStack]] = {}


def observe() -> None:
    for signal, receiver in (
        (signals.task_prerun, _begins),
        (signals.task_failure, _failed),
        (signals.task_postrun, _ended),
        (signals.worker_init, _is_worker),
        (signals.worker_process_init, _is_worker),
        (signals.beat_init, _is_scheduler),
        (signals.worker_process_shutdown, _process_ends),
    ):
        signal.connect(receiver, weak=False, dispatch_uid=f"nightshelf.traces{receiver.__name__}")


def _begins(*, task_id: str = "", task: Any = None, **_: Any) -> None:
    if task is None or task.name in NOT_TRACED:
        return
    header = (task.request.headers or {}).get(carrier.HEADER) or ""
    parent = carrier.parse(str(header), believed=True)
    queue = (task.request.delivery_info or {}).get("routing_key") or ""
    step = spans.begin(f"task {task.name}", root=True, parent=parent, kind=SpanKind.CONSUMER, queue=queue)
    inside = ExitStack()
    inside.enter_context(step.inside())
    _running[task_id] = step, inside


def _failed(*, task_id: str = "", exception: BaseException | None = None, **_: Any) -> None:
    if exception is not None and task_id in _running:
        _running[task_id][0].fail(told(exception))


def _ended(*, task_id: str = "", **_: Any) -> None:
    if task_id in _running:
        step, inside = _running.pop(task_id)
        inside.close()
        step.end()


def _is_worker(**_: Any) -> None:
    process.is_(Component.WORKER)


def _is_scheduler(**_: Any) -> None:
    process.is_(Component.SCHEDULER)


def _process_ends(**_: Any) -> None:
    """billiard's children end without Python's own farewell: what was not stored yet would be lost."""
    exporter().stop()
