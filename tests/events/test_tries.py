"""A message that cannot be handled: tried in hand, given back, three times; then it is dead, and in the database."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from batches.doors import admit as admit_step
from batches.doors import consume as consume_step
from batches.doors.consume import LATER, TRIES, consume
from batches.doors.dead_sqs import DeadSqsQueue
from batches.doors.drain import drain
from batches.doors.sqs import Message, QueueAway, SqsQueue
from batches.models import ImageUpload, StrayMessage
from batches.pipeline.receive_image import receive_image
from storage.port import StorageAway
from tests.events.cloud import Cloud

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consume_step, "TRIES", (0.0,) * len(TRIES))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Images of user `bad` raise what nobody expects; the keys that were tried."""
    tried: list[str] = []

    def failing(bucket: str, key: str, **more: Any) -> Any:
        tried.append(key)
        if "/bad/" in key:
            raise RuntimeError("out of order")
        return receive_image(bucket, key, **more)

    monkeypatch.setattr(admit_step, "receive_image", failing)
    return tried


def test_three_receives_then_a_letter_with_the_whole_message(
    cloud: Cloud, broken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[int] = []
    hide = SqsQueue.hide

    def at_once(self: SqsQueue, messages: Sequence[Message], seconds: int) -> None:
        pauses.append(seconds)
        hide(self, messages, 0)

    monkeypatch.setattr(SqsQueue, "hide", at_once)
    cloud.put("uploads/bad/1.png")

    cloud.work_all()
    assert drain(DeadSqsQueue(cloud.dead_url)) == 1

    assert pauses == list(LATER)
    assert len(broken) == 3
    stray = StrayMessage.objects.get()
    assert stray.receive_count == 3
    assert b"bad%2F1.png" in bytes(stray.body)


def test_storage_that_stumbles_is_tried_again_in_hand(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stumbles = [StorageAway("503")] * len(TRIES)

    def stumbling(bucket: str, key: str, **more: Any) -> Any:
        if stumbles:
            raise stumbles.pop()
        return receive_image(bucket, key, **more)

    monkeypatch.setattr(admit_step, "receive_image", stumbling)
    cloud.put("uploads/u/1.png")

    cloud.work()

    assert ImageUpload.objects.count() == 1
    assert cloud.depth() == (0, 0)


def test_the_other_messages_of_a_batch_do_not_wait_for_it(cloud: Cloud, broken: list[str]) -> None:
    for key in ("uploads/good/1.png", "uploads/bad/1.png", "uploads/good/2.png"):
        cloud.put(key)

    cloud.work()

    assert ImageUpload.objects.count() == 2
    assert cloud.depth() == (0, 1)


def test_a_record_that_fails_leaves_its_message_and_the_other_records_are_in(cloud: Cloud, broken: list[str]) -> None:
    for key in ("uploads/good/1.png", "uploads/good/2.png", "uploads/bad/1.png"):
        cloud.put_silently(key)
    cloud.announce("uploads/good/1.png", "uploads/bad/1.png", "uploads/good/2.png")

    cloud.work()

    assert ImageUpload.objects.count() == 2
    assert cloud.depth() == (0, 1)


def test_a_consumer_outlives_what_nobody_expects(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    faults: list[Exception] = [RuntimeError("out of order"), QueueAway("away"), RuntimeError("again")]

    def failing(queue: SqsQueue, stop: threading.Event) -> int:
        if faults:
            raise faults.pop()
        stop.set()
        return 0

    monkeypatch.setattr(consume_step, "work_batch", failing)

    consume(cloud.queue(), stop)

    assert faults == []
