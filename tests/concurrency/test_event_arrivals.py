"""The same event many times at once: the image once, the file once, the letter once, the count right."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest

from batches.doors.count import count_outcomes
from batches.doors.handle import handle
from batches.doors.keep import Stray, keep_message
from batches.doors.sqs import Message
from batches.event_outcome import EventOutcome
from batches.models import DeadLetter, EventCount, ImageUpload, ResultFile, StrayMessage
from batches.pipeline.receive_image import receive_image
from batches.pipeline.sweep import sweep
from tests.builders import a_job, counts, landed, receipts, run_all
from tests.concurrency.racing import race
from tests.events.cloud import event, record

pytestmark = pytest.mark.django_db(transaction=True)

RESULT, IMAGE = "batch-output/job-1/results.jsonl", "uploads/user-1/1763542800000-IMG_0001.jpg"
NOW = datetime(2026, 11, 19, tzinfo=UTC)


def message(body: str, number: int = 1) -> Message:
    return Message(f"id-{number}", f"handle-{number}", body, 1, NOW)


def test_fifty_deliveries_at_once() -> None:
    a_job()
    landed(RESULT, receipts(range(5)))
    landed(IMAGE, b"picture")
    body = event(record(RESULT, "local"), record(IMAGE, "local"))

    handled = race([partial(handle, "events", message(body, number)) for number in range(50)])
    run_all()

    assert all(one.finished for one in handled)
    assert ResultFile.objects.count() == ImageUpload.objects.count() == 1
    assert not DeadLetter.objects.exists()
    assert counts() == {"inserted": 5}


def test_event_and_sweep_of_an_image_at_once() -> None:
    landed(IMAGE, b"picture")

    race([sweep, sweep, *[lambda: receive_image("local", IMAGE)] * 10])

    assert ImageUpload.objects.count() == 1


def test_two_pictures_of_one_name_at_once_are_both_kept() -> None:
    keys = [f"uploads/user-{number}/1763542800000-IMG_0001.jpg" for number in range(8)]
    for key in keys:
        landed(key, b"picture")

    race([partial(receive_image, "local", key) for key in keys * 2])

    assert set(ImageUpload.objects.values_list("key", flat=True)) == set(keys)
    assert ImageUpload.objects.filter(image_id="IMG_0001").count() == 1


def test_a_message_kept_many_times_at_once_is_one_letter() -> None:
    stray = Stray("events", b"not JSON", "id-1", 1, NOW)

    letters = race([lambda: keep_message(stray, "unreadable_message", "What is this?")] * 10)

    assert len({letter.pk for letter in letters}) == 1
    assert StrayMessage.objects.get().times == 1


def test_counts_of_many_consumers_add_up() -> None:
    outcomes = Counter({EventOutcome.TAKEN_IN: 2, EventOutcome.KNOWN: 1})

    race([lambda: count_outcomes("events", outcomes)] * 20)

    assert dict(EventCount.objects.values_list("outcome", "count")) == {"taken_in": 40, "known": 20}
