"""SQS's dead-letter queue is emptied into the database: once each, with body, receive count and age."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from batches.doors import drain as drain_step
from batches.doors.dead_sqs import DeadSqsQueue
from batches.doors.drain import drain
from batches.doors.keep import Stray, keep_message
from batches.doors.look import sqs_looks
from batches.doors.sqs import QueueAway
from batches.models import DeadLetter, QueueLook, StrayMessage
from batches.states import LetterStatus
from monitoring.prometheus import RegisteredGauges
from tests.events.cloud import Cloud, event, record

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVES = 3


def die(cloud: Cloud, body: str) -> None:
    """Received three times, never deleted; the fourth receive finds it moved away."""
    cloud.send(body)
    for _ in range(RECEIVES):
        [message] = cloud.queue().receive(wait=1, visibility=60)
        cloud.queue().hide([message], 0)
        assert cloud.depth(cloud.dead_url) == (0, 0)
    assert cloud.queue().receive(wait=0, visibility=60) == []
    assert cloud.depth(cloud.dead_url) == (1, 0)


def gauge(name: str) -> dict[tuple[str, ...], float]:
    [family] = [family for family in RegisteredGauges().collect() if family.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


def test_a_message_that_nobody_could_handle(cloud: Cloud) -> None:
    began = timezone.now() - timedelta(seconds=5)
    body = event(record("uploads/u/1.png", cloud.bucket))
    die(cloud, body)

    assert drain(DeadSqsQueue(cloud.dead_url)) == 1

    stray = StrayMessage.objects.get()
    assert bytes(stray.body) == body.encode()
    assert stray.receive_count == RECEIVES
    assert began < stray.first_seen_at < timezone.now() + timedelta(seconds=5)
    assert (stray.letter.code, stray.letter.kind, stray.letter.status) == ("dead_message", "event", "open")
    assert "received 3 times" in stray.letter.message
    assert cloud.depth(cloud.dead_url) == (0, 0)


def test_more_than_one_request_brings(cloud: Cloud) -> None:
    for number in range(23):
        cloud.sqs.send_message(QueueUrl=cloud.dead_url, MessageBody=f"message {number}")

    assert drain(DeadSqsQueue(cloud.dead_url)) == 23

    assert StrayMessage.objects.count() == DeadLetter.objects.count() == 23
    assert cloud.depth(cloud.dead_url) == (0, 0)


def test_killed_between_keeping_and_deleting_it_is_kept_once(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.sqs.send_message(QueueUrl=cloud.dead_url, MessageBody="hello")
    queue = DeadSqsQueue(cloud.dead_url)
    kept = queue.take()
    with monkeypatch.context() as patch:
        patch.setattr(DeadSqsQueue, "take", lambda self: kept)
        patch.setattr(DeadSqsQueue, "forget", _die)
        with pytest.raises(KeyboardInterrupt):
            drain(queue)
    assert StrayMessage.objects.count() == 1
    cloud.queue(cloud.dead_url).hide([kept[0].token], 0)  # type: ignore[list-item]

    assert drain(queue) == 1

    assert StrayMessage.objects.get().times == 1
    assert cloud.depth(cloud.dead_url) == (0, 0)


def test_a_redriven_message_that_dies_again_is_the_same_letter_while_that_is_open(cloud: Cloud) -> None:
    queue = DeadSqsQueue(cloud.dead_url)
    for times in (1, 2):
        die(cloud, "hello")  # each time under another id
        drain(queue)
        assert StrayMessage.objects.get().times == times
    DeadLetter.objects.update(status=LetterStatus.RESOLVED, closed_at=Now())

    die(cloud, "hello")
    drain(queue)

    assert list(DeadLetter.objects.order_by("pk").values_list("status", flat=True)) == ["resolved", "open"]


def test_one_that_cannot_be_kept_stays_in_its_queue(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for body in ("good", "bad", "fine"):
        cloud.sqs.send_message(QueueUrl=cloud.dead_url, MessageBody=body)

    def failing(stray: Stray, code: str, sentence: str) -> DeadLetter:
        if stray.body == b"bad":
            raise RuntimeError("out of order")
        return keep_message(stray, code, sentence)

    monkeypatch.setattr(drain_step, "keep_message", failing)

    assert drain(DeadSqsQueue(cloud.dead_url)) == 2

    assert cloud.depth(cloud.dead_url) == (0, 1)


def test_depth_before_and_after_is_told(cloud: Cloud) -> None:
    for number in range(3):
        cloud.sqs.send_message(QueueUrl=cloud.dead_url, MessageBody=f"message {number}")
    cloud.send("waiting")
    for look in sqs_looks().values():
        look()

    dead, events = cloud.queue(cloud.dead_url).name, cloud.queue().name
    assert gauge("nightshelf_dead_queue_messages") == {(dead, "before"): 3, (dead, "after"): 0}
    assert gauge("nightshelf_dead_queue_drained") == {(dead,): 3}
    assert gauge("nightshelf_queue_messages") == {(events, "waiting"): 1, (events, "in_flight"): 0}
    assert gauge("nightshelf_dead_queue_oldest_seconds")[dead,] >= 0

    cloud.work_all()
    assert gauge("nightshelf_event_records") == {(events, "letter"): 1}


def test_a_dead_queue_that_is_away_is_said_once_and_hides_nothing(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.sqs.send_message(QueueUrl=cloud.dead_url, MessageBody="hello")
    drain(DeadSqsQueue(cloud.dead_url))
    cloud.sqs.delete_queue(QueueUrl=cloud.dead_url)
    look = sqs_looks()["EVENT_DLQ_URL"]

    look()
    look()

    told = QueueLook.objects.get()
    assert (told.depth, told.drained) == (1, 1)
    assert "could not be reached" in told.failure
    assert len([line for line in caplog.records if line.getMessage() == "dead_queue_away"]) == 1


def test_nothing_is_looked_at_where_nothing_is_configured() -> None:
    assert sqs_looks() == {}


def test_a_queue_that_is_away_is_a_fault_of_its_own(cloud: Cloud) -> None:
    with pytest.raises(QueueAway, match="could not be reached"):
        cloud.queue(f"{cloud.url}/123456789012/nobodys").depth()


def _die(*_: object) -> None:
    raise KeyboardInterrupt
