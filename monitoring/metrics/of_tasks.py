"""Each run of a task, by task and queue: how long it took, and whether it failed; and each time one is to be retried.

In the process that runs it. A child that is killed tells nothing any more, so its parent tells of the task, without a
time. Children write what is left when they end, recycled ones too: they end without Python's own farewell.
"""

from __future__ import annotations

import time
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import current_app, states
from celery.signals import task_failure, task_postrun, task_prerun, task_retry, worker_process_shutdown

from monitoring import telemetry
from monitoring.metrics.collect import collector

KILLED = (TimeLimitExceeded, WorkerLostError)


def tell_of_tasks() -> None:
    task_prerun.connect(_began, weak=False)
    task_postrun.connect(_ended, weak=False)
    task_retry.connect(_retried, weak=False)
    task_failure.connect(_killed, weak=False)
    worker_process_shutdown.connect(_child_ends, weak=False)


def _began(*, task: Any, **_: Any) -> None:
    task.request.figures_began = time.perf_counter()


def _ended(*, task: Any, state: str | None, **_: Any) -> None:
    began = getattr(task.request, "figures_began", None)
    if began is not None:
        seconds = time.perf_counter() - began
        failed = state == states.FAILURE
        telemetry.measure("task.run", seconds, failed=failed, task=task.name, queue=_queue(task))


def _retried(*, sender: Any, **_: Any) -> None:
    telemetry.count("task.retried", task=sender.name, queue=_queue(sender))


def _killed(*, sender: Any, exception: BaseException, **_: Any) -> None:
    if isinstance(exception, KILLED):
        telemetry.count("task.run", failed=1, task=sender.name, queue=_queue(sender))


def _child_ends(**_: Any) -> None:
    collector.stop()


def _queue(task: Any) -> str:
    """Every queue of ours is bound by its own name."""
    delivery = getattr(task.request, "delivery_info", None) or {}
    return str(delivery.get("routing_key") or current_app.conf.task_default_queue)
