"""RabbitMQ's dead queue, on a real RabbitMQ: a wake-up that kills its workers is kept, and looked at."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import kombu
import pytest
from celery import Celery
from django.utils import timezone

from batches.doors.dead_rabbit import DeadRabbitQueue
from batches.doors.drain import drain
from batches.doors.look import draining
from batches.doors.sqs import QueueAway
from batches.models import QueueLook, StrayMessage
from batches.pages.message import message_of
from config.queues import WAKE_UP_DELIVERIES, dead_queue, use_quorum_queues
from tests.builders import the_letter
from tests.faults.site import wait_for
from tests.outside import a_broker

pytestmark = [pytest.mark.outside, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def url() -> str:
    return a_broker("NIGHTSHELF_TEST_RABBITMQ_URL")


@pytest.fixture
def app(url: str) -> Iterator[Celery]:
    """An application configured as ours is, with a queue of the test's own."""
    app = Celery("dead", broker=url, set_as_current=False)
    app.conf.update(broker_read_url=url, broker_write_url=url, task_default_queue=f"dead-{uuid.uuid4().hex[:10]}")
    use_quorum_queues(app)
    [queue] = app.conf.task_queues
    with kombu.Connection(url) as connection:
        channel = connection.channel()
        dead_queue(app)(channel).declare()
        queue(channel).declare()
        yield app
        for one in (queue, dead_queue(app)):
            one(channel).delete()
            one.exchange(channel).delete()


def opened(app: Celery) -> DeadRabbitQueue:
    return DeadRabbitQueue(kombu.Connection(app.conf.broker_read_url), dead_queue(app), WAKE_UP_DELIVERIES + 1)


def kill_workers(app: Celery) -> int:
    """Take the wake-up and vanish, as a killed worker does, until the queue gives it up; how often that was."""
    deliveries = 0
    while True:
        with kombu.Connection(app.conf.broker_read_url) as connection:
            queue = app.conf.task_queues[0](connection.channel())
            wait_for(partial(_waits, app, queue), "the message")
            if depth(app):
                return deliveries
            assert queue.get(no_ack=False) is not None
            deliveries += 1


def _waits(app: Celery, queue: kombu.Queue) -> bool:
    """In its queue again, or dead."""
    told: Any = queue.queue_declare(passive=True)
    return bool(depth(app) or told.message_count)


def depth(app: Celery) -> int:
    with opened(app).opened() as queue:
        return queue.depth().waiting


def wake(app: Celery) -> str:
    return str(app.send_task("batches.work", ignore_result=True).id)


def test_a_wake_up_that_kills_its_workers(app: Celery) -> None:
    began = timezone.now() - timedelta(seconds=2)
    task_id = wake(app)
    assert kill_workers(app) == WAKE_UP_DELIVERIES + 1

    with opened(app).opened() as queue:
        assert drain(queue) == 1

    stray = StrayMessage.objects.get()
    assert (stray.queue, stray.receive_count) == (dead_queue(app).name, WAKE_UP_DELIVERIES + 1)
    assert stray.reason == f"delivery_limit in {app.conf.task_default_queue}"
    assert (stray.headers["task"], stray.headers["id"]) == ("batches.work", task_id)
    assert began < stray.first_seen_at < timezone.now() + timedelta(seconds=2)
    assert bytes(stray.body).startswith(b"[[], {}, ")
    assert stray.letter.message.startswith("A wake-up of task batches.work died in queue")
    shown = message_of(stray.letter)
    assert shown
    assert shown.body.startswith("[")
    assert depth(app) == 0


def taken(queue: kombu.Queue) -> kombu.Message:
    """The next message; a quorum queue may need a moment until it gives what it has confirmed."""
    found: list[kombu.Message] = []

    def got() -> bool:
        found.extend(filter(None, [queue.get(no_ack=False)]))
        return bool(found)

    wait_for(got, "a message")
    return found[0]


def test_wake_ups_with_the_same_body_are_several(app: Celery) -> None:
    for _ in range(3):
        wake(app)
    with kombu.Connection(app.conf.broker_read_url) as connection:
        queue = app.conf.task_queues[0](connection.channel())
        for _ in range(3):
            taken(queue).reject(requeue=False)
        wait_for(lambda: depth(app) == 3, "the dead letters")

    with opened(app).opened() as queue:
        assert drain(queue) == 3

    assert StrayMessage.objects.count() == 3
    assert {stray.receive_count for stray in StrayMessage.objects.all()} == {1}
    assert (QueueLook.objects.get().depth, QueueLook.objects.get().depth_after) == (3, 0)


def test_one_that_was_kept_and_not_acknowledged_is_kept_once(app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    wake(app)
    kill_workers(app)
    with monkeypatch.context() as patch, opened(app).opened() as queue:
        patch.setattr(DeadRabbitQueue, "forget", _die)
        with pytest.raises(KeyboardInterrupt):
            drain(queue)
    wait_for(lambda: depth(app) == 1, "the message to be delivered again")

    with opened(app).opened() as queue:
        assert drain(queue) == 1

    assert StrayMessage.objects.get().times == 1
    assert the_letter().code == "dead_message"


def test_a_broker_that_is_away_is_told_once(url: str, caplog: pytest.LogCaptureFixture) -> None:
    app = Celery("away", set_as_current=False)
    app.conf.update(broker_read_url="amqp://guest:guest@127.0.0.1:1//", task_default_queue="away")

    with pytest.raises(QueueAway, match=r"away\.dead could not be reached"), opened(app).opened():
        pass
    look = draining(lambda: opened(app).opened(), "CELERY_BROKER_URL")
    look()
    look()

    assert len([line for line in caplog.records if line.getMessage() == "dead_queue_away"]) == 1


def _die(*_: object) -> None:
    raise KeyboardInterrupt
