"""The looks at queues that the scheduler takes again and again: depth of the event queue, dead queues drained.

Each is a step of its own, so that one queue that is away does not hold up the others. None of them depends on the
queue it looks at: what it saw last stays in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings

from batches.doors.dead_sqs import DeadSqsQueue
from batches.doors.drain import DeadQueue, drain, note_look
from batches.doors.sqs import QueueAway, SqsQueue
from monitoring.absence import Absence

Look = Callable[[], None]


def sqs_looks() -> dict[str, Look]:
    """What the settings name, by the name of the setting."""
    dead = {"EVENT_DLQ_URL": settings.EVENT_DLQ_URL, "BROKER_DLQ_URL": settings.BROKER_DLQ_URL}
    looks = {name: draining(_opener(url), name) for name, url in dead.items() if url}
    if settings.EVENT_QUEUE_URL:
        looks["EVENT_QUEUE_URL"] = _measuring(settings.EVENT_QUEUE_URL)
    return looks


def draining(opened: Callable[[], AbstractContextManager[DeadQueue]], name: str) -> Look:
    """A look that drains a dead queue. While the queue is away it says so once, and goes on looking."""
    absence = Absence("dead_queue")

    def look() -> None:
        try:
            with opened() as queue:
                drain(queue)
        except QueueAway as away:
            absence.noted(f"{name}: {away}")
        else:
            absence.over()

    return look


def _measuring(url: str) -> Look:
    absence = Absence("queue")
    queue = SqsQueue(url)

    def look() -> None:
        try:
            depth = queue.depth()
        except QueueAway as away:
            note_look(queue.name, dead=False, failure=str(away))
            absence.noted(str(away))
        else:
            note_look(queue.name, dead=False, depth=depth)
            absence.over()

    return look


def _opener(url: str) -> Callable[[], AbstractContextManager[DeadQueue]]:
    queue = DeadSqsQueue(url)  # once: making a client takes longer than the look
    return lambda: nullcontext(queue)
