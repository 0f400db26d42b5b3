"""Receive → handle → delete, until asked to stop.

A message is deleted after everything in it is committed; whoever dies before that gets it again, and finds it done.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.db import connection

from batches.doors.count import count_outcomes
from batches.doors.handle import Handled, handle, tell
from batches.doors.hold import Hold
from batches.doors.patience import Patience
from batches.doors.ready import await_ready
from batches.doors.sqs import Message, QueueAway, SqsQueue
from batches.event_outcome import EventOutcome
from monitoring import telemetry

TRIES = (0.1, 0.2, 0.4)  # seconds between the tries of a message in hand (Y9)
# Of one that is given back after them, by how often it was received: the third time its queue gives it up (Y11).
LATER = (30, 120, 480)


def consume(queue: SqsQueue, stop: threading.Event) -> None:
    """One consumer: a batch of messages at a time. Returns soon after `stop` is set, with nothing in hand."""
    patience = Patience("queue")
    try:
        while not stop.is_set():
            try:
                work_batch(queue, stop)
                patience.over()
            except QueueAway as away:
                patience.wait(stop, str(away))
            except Exception:
                telemetry.fault("consumer_failed", queue=queue.name)
                connection.close()
                patience.wait(stop, "unexpected fault")
    finally:
        connection.close()


def work_batch(queue: SqsQueue, stop: threading.Event) -> int:
    """Receive up to ten messages, and work on them one after the other. QueueAway passes through."""
    seconds = settings.EVENT_VISIBILITY_SECONDS
    messages = queue.receive(wait=settings.EVENT_WAIT_SECONDS, visibility=seconds)
    if messages:
        with Hold(queue, messages, seconds) as hold:
            _work(queue, messages, hold, stop)
    return len(messages)


def _work(queue: SqsQueue, messages: Sequence[Message], hold: Hold, stop: threading.Event) -> None:
    done: list[Message] = []
    outcomes: Counter[EventOutcome] = Counter()
    for message in messages:
        if stop.is_set():
            hold.let_go(message)
            queue.hide([message], 0)  # not begun: the next consumer need not wait for it
            continue
        handled = _tried(queue, message, stop)
        outcomes += handled.outcomes()
        hold.let_go(message)
        if handled.finished:
            done.append(message)
        else:
            queue.hide([message], LATER[min(message.receives, len(LATER)) - 1])
    queue.delete(done)
    count_outcomes(queue.name, outcomes)


def _tried(queue: SqsQueue, message: Message, stop: threading.Event) -> Handled:
    """Again and again in hand, where the heartbeat keeps it: an outage costs none of the queue's own tries."""
    began = time.monotonic()
    handled = handle(queue.name, message)
    for pause in TRIES:
        if not handled.passing or stop.wait(pause) or not await_ready(stop):
            break
        handled = handle(queue.name, message)
    tell(queue.name, message, handled, time.monotonic() - began)
    return handled
