"""Canaries: a tiny task through each queue proves that somebody consumes it. What was sent and answered is stored.

The times are the database's, the clock all processes share.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from celery import current_app
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from monitoring import telemetry
from monitoring.models import Canary
from monitoring.telemetry import Sample

SEND_SECONDS = 30
STALLED_SECONDS = 60


class QueueState(NamedTuple):
    """Whether a queue's tasks are not being worked on, since when, and why in a sentence ('' when they are)."""

    queue: str
    stalled: bool
    since: datetime | None
    reason: str


def state() -> list[QueueState]:
    """Every queue a canary was ever sent through. One query; empty before the scheduler ran for the first time."""
    now = timezone.now()
    return [_state(canary, now) for canary in Canary.objects.all()]


def send_due() -> None:
    """Send a canary through each queue where the last one is SEND_SECONDS old, whoever sent that."""
    for queue in current_app.amqp.queues:
        Canary.objects.get_or_create(queue=queue)
        due = Q(sent_at=None) | Q(sent_at__lte=Now() - timedelta(seconds=SEND_SECONDS))
        if Canary.objects.filter(due, queue=queue).update(
            sent_at=Now(), waiting_since=Coalesce("waiting_since", Now())
        ):
            Canary.objects.filter(queue=queue).update(failure=_sent(queue))


def answer(queue: str, worker: str) -> None:
    """A worker got it. An answer to an older one counts too: the queue is being consumed."""
    Canary.objects.filter(queue=queue).update(answered_at=Now(), waiting_since=None, worker=worker)


def answered_of_late() -> list[str]:
    """The workers that answered the last canaries: that is who is known to be alive without asking."""
    late = Now() - timedelta(seconds=SEND_SECONDS + STALLED_SECONDS)
    return sorted(set(Canary.objects.filter(answered_at__gt=late).values_list("worker", flat=True)))


def stalled_seconds() -> Iterator[Sample]:
    """For the gauge: how long each queue's oldest unanswered canary has been waiting."""
    now = timezone.now()
    for canary in Canary.objects.all():
        since = _state(canary, now).since or canary.waiting_since or now
        yield Sample({"queue": canary.queue}, max(0.0, (now - since).total_seconds()))


def _sent(queue: str) -> str:
    """Why it could not be sent, or ''. Any fault is the answer to what a canary asks, so none passes through."""
    from monitoring.tasks import answer as task

    try:
        task.apply_async(kwargs={"queue": queue}, queue=queue)
    except Exception as fault:
        telemetry.event("canary_not_sent", level=logging.WARNING, queue=queue, error=str(fault))
        return f"{type(fault).__name__}: {fault}"
    return ""


def _state(canary: Canary, now: datetime) -> QueueState:
    late = now - timedelta(seconds=STALLED_SECONDS)
    if canary.failure:
        return QueueState(canary.queue, True, canary.waiting_since, f"The broker is away: {canary.failure}")
    if canary.waiting_since and canary.waiting_since < late:
        return QueueState(canary.queue, True, canary.waiting_since, "No worker takes tasks from it.")
    if canary.sent_at and canary.sent_at < late - timedelta(seconds=SEND_SECONDS):
        return QueueState(canary.queue, True, canary.sent_at, "The scheduler does not run: no canary is sent.")
    return QueueState(canary.queue, False, None, "")
