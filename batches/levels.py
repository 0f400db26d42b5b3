"""The batches' levels, looked at once a minute: dead letters, and the queues of events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from batches.doors.queue_name import queue_name
from batches.letters.figures import with_figures
from batches.models import LetterGroup, QueueLook
from monitoring.telemetry import Sample, level

STALE_SECONDS = 60


class NotSeen(Exception):
    """A sentence: which queue could not be looked at, and why."""


def register() -> None:
    level("letters.open", _open_letters)
    level("dlq.depth", _dead)
    level("queue.depth", _event_queue)


def _open_letters() -> Iterator[Sample]:
    yield Sample({}, _open())


def _dead() -> Iterator[Sample]:
    """Unknown while any dead queue is: what is in it may be the alarm's whole reason."""
    yield Sample({}, _open() + sum(_last_look(name).depth_after for name in dead_queues()))


def _event_queue() -> Iterator[Sample]:
    # Its age nobody tells: SQS has it as a metric of CloudWatch's alone, and S3 sends no canaries.
    if settings.EVENT_QUEUE_URL:
        look = _last_look(queue_name(settings.EVENT_QUEUE_URL))
        yield Sample({"queue": look.queue, "broker": "sqs"}, look.depth)


def dead_queues() -> list[str]:
    """Those that are drained here and now: a queue that is configured no more may have left its last look behind."""
    names = [queue_name(url) for url in (settings.EVENT_DLQ_URL, settings.BROKER_DLQ_URL) if url]
    if str(current_app.conf.broker_url or "").startswith(("amqp", "pyamqp")):
        names.append(f"{current_app.conf.task_default_queue}.dead")  # config/queues.py
    return names


def _last_look(queue: str) -> QueueLook:
    look = QueueLook.objects.filter(queue=queue).first()
    if look is None:
        raise NotSeen(f"{queue} has not been looked at yet")
    if look.failure:
        raise NotSeen(f"{queue}: {look.failure}")
    if look.looked_at < timezone.now() - timedelta(seconds=STALE_SECONDS + 3 * settings.DRAIN_SECONDS):
        raise NotSeen(f"{queue} was last looked at {look.looked_at:%F %T}")
    return look


def _open() -> int:
    # From the groups, as there may be a million letters.
    return with_figures(LetterGroup.objects.all()).aggregate(number=Sum("open_now"))["number"] or 0
