"""Celery's queues: how many messages wait in each, and for how long the oldest has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from django.utils import timezone
from kombu import Connection
from kombu.transport import virtual

from monitoring.canary import SEND_SECONDS, STALLED_SECONDS
from monitoring.models import Canary
from monitoring.telemetry import Sample

ANSWER_SECONDS = 5  # that a broker has for an answer


def depths() -> Iterator[Sample]:
    """Messages that no worker has taken yet. What a worker holds and has not confirmed is not among them."""
    with _connected() as connection:
        broker = _broker(connection)
        with connection.channel() as channel:
            for queue in current_app.amqp.queues:
                yield Sample({"queue": queue, "broker": broker}, _depth(channel, queue))


def ages() -> Iterator[Sample]:
    """How long the oldest canary has been waiting: messages sent since wait behind it.

    No broker of ours tells the age of a message that it is not made to hand out, and handing it out counts as a try. So
    it is exact to SEND_SECONDS, and unknown where the last canary could not be sent.
    """
    now, broker = timezone.now(), _broker(current_app.connection_for_read())
    for canary in Canary.objects.filter(queue__in=list(current_app.amqp.queues), failure="").exclude(sent_at=None):
        if canary.sent_at and (now - canary.sent_at).total_seconds() > SEND_SECONDS + STALLED_SECONDS:
            continue  # none is sent any more
        waiting = (now - canary.waiting_since).total_seconds() if canary.waiting_since else 0.0
        yield Sample({"queue": canary.queue, "broker": broker}, max(0.0, waiting))


@contextmanager
def _connected() -> Iterator[Connection]:
    connection = current_app.connection_for_read()
    if connection.transport.driver_type == "amqp":  # the others have their time limits in the settings
        limits = {"read_timeout": ANSWER_SECONDS, "write_timeout": ANSWER_SECONDS}
        connection.transport_options = {**(connection.transport_options or {}), **limits}
    with connection:
        connection.ensure_connection(max_retries=1, timeout=ANSWER_SECONDS)
        yield connection


def _depth(channel: Any, queue: str) -> int:
    if isinstance(channel, virtual.Channel):
        # Redis, SQS. Not a passive declaration: kombu answers it with 404 where a queue of Redis is empty.
        return int(channel._size(queue))
    return int(channel.queue_declare(queue, passive=True).message_count)


def _broker(connection: Connection) -> str:
    kind = str(connection.transport.driver_type)
    return {"amqp": "rabbitmq"}.get(kind, kind)
