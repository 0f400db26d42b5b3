"""RabbitMQ's dead queue (config/queues.py). What dies there are wake-ups: a task that kept killing its worker.

The letter is for looking at. What was to be done stands in the database, where attempts are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from kombu import Connection, Message, Queue
from kombu.exceptions import KombuError

from batches.doors.drain import Dead
from batches.doors.keep import Stray
from batches.doors.sqs import Depth, QueueAway

BATCH = 100
SENTENCE = (
    "A wake-up of task {task} died in queue {queue} ({reason}, deliveries: {times}). Nothing waits for it: what has to"
    " be done stands in the database. One that was delivered too often killed its workers: look for a poison letter of"
    " that time."
)


class DeadRabbitQueue:
    """`with DeadRabbitQueue(…).opened() as queue:`. What was taken and not forgotten is in the queue afterwards."""

    def __init__(self, connection: Connection, queue: Queue, deliveries: int) -> None:
        self.name = str(queue.name)
        self._connection, self._queue = connection, queue
        self._deliveries = deliveries  # after which the queue gives a message up

    @contextmanager
    def opened(self) -> Iterator[DeadRabbitQueue]:
        """Connected, and declared: whoever comes first declares it."""
        with self._faults(), self._connection:
            self._connection.ensure_connection(max_retries=1, timeout=5)
            self._channel = self._connection.channel()
            self._bound = self._queue(self._channel)
            self._bound.declare()
            yield self

    def depth(self) -> Depth:
        with self._faults():
            return Depth(int(cast(Any, self._bound.queue_declare(passive=True)).message_count), 0)

    def take(self) -> Sequence[Dead]:
        with self._faults():
            return [self._dead(message) for message in self._some()]

    def forget(self, dead: Sequence[Dead]) -> None:
        with self._faults():
            for one in dead:
                one.token.ack()  # type: ignore[attr-defined]

    def _some(self) -> Iterator[Message]:
        for _ in range(BATCH):
            message = self._bound.get(no_ack=False)
            if message is None:
                return
            yield message

    def _dead(self, message: Message) -> Dead:
        headers: dict[str, Any] = message.headers or {}
        deaths: list[dict[str, Any]] = headers.get("x-death") or [{}]
        reason, origin = str(deaths[0].get("reason", "unknown")), str(deaths[0].get("queue", self.name))
        deliveries = self._deliveries if reason == "delivery_limit" else int(deaths[0].get("count", 1))
        died_at = min((_moment(death["time"]) for death in deaths if "time" in death), default=datetime.now(UTC))
        id = str(headers.get("id") or message.properties.get("correlation_id") or "")
        told = {name: str(headers[name]) for name in ("task", "id", "retries", "origin") if headers.get(name)}
        # All wake-ups of a task have the same body, so the task's id is part of what one is.
        stray = Stray(
            self.name, _bytes(message.body), f"{id} {died_at:%FT%T}", deliveries, died_at, told,
            f"{reason} in {origin}", identity=id,
        )  # fmt: skip
        sentence = SENTENCE.format(task=told.get("task", "unknown"), queue=origin, reason=reason, times=deliveries)
        return Dead(stray, sentence, message)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        faults: tuple[type[BaseException], ...] = (
            OSError,
            KombuError,
            *self._connection.connection_errors,
            *self._connection.channel_errors,
        )
        try:
            yield
        except faults as fault:
            raise QueueAway(f"Queue {self.name} could not be reached: {type(fault).__name__}: {fault}") from fault


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else bytes(body) if isinstance(body, memoryview) else str(body).encode()


def _moment(value: Any) -> datetime:
    """AMQP's times are UTC, and come without saying so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else datetime.now(UTC)
