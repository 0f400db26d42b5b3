"""What a message leaves that cannot be taken in: one letter, kept whole, and nothing else held up."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from batches.event_outcome import EventOutcome
from batches.models import DeadLetter, ImageUpload, StrayMessage
from batches.pages.message import message_of
from batches.states import LetterStatus
from tests.builders import a_job, ids, ids_of, receipts, run_all, the_letter
from tests.events.cloud import Cloud, envelope, event, outcomes, record

pytestmark = pytest.mark.django_db(transaction=True)

RESULT = "batch-output/job-1/output.jsonl"


def test_an_unknown_job_is_a_letter_and_is_taken_in_when_it_is_known(cloud: Cloud) -> None:
    cloud.put(RESULT, receipts([1]))
    cloud.work_all()
    assert the_letter().code == "unknown_job"
    a_job()

    cloud.announce(RESULT)
    cloud.work_all()
    run_all()

    assert ids() == ids_of([1])
    assert the_letter().status == LetterStatus.RESOLVED


@pytest.mark.parametrize(
    "key", ["uploads/1.png", "uploads/u/deeper/1.png", "batch-output/job-1/readme.txt", "uploads//1"]
)
def test_a_key_that_names_nothing_is_one_letter(cloud: Cloud, key: str) -> None:
    cloud.put(key)
    cloud.announce(key, version="9dd4e461268c8034f5c8564e155c67a6")  # the ETag of what `put` puts there

    cloud.work_all()

    assert the_letter().code == "unexpected_key"
    assert cloud.depth() == (0, 0)


def test_an_object_that_is_gone_is_a_letter_unless_it_is_known(cloud: Cloud) -> None:
    cloud.announce("uploads/u/gone.png", version="abc")
    cloud.put("uploads/u/moved.png")
    cloud.work_all()
    cloud.s3.delete_object(Bucket=cloud.bucket, Key="uploads/u/moved.png")
    cloud.announce("uploads/u/moved.png")

    cloud.work_all()

    letter = the_letter()
    assert (letter.code, letter.source) == ("object_gone", f"{cloud.bucket}/uploads/u/gone.png@abc")
    assert cloud.depth() == (0, 0)


def test_one_bad_record_among_ten_fails_only_itself(cloud: Cloud) -> None:
    for number in range(9):
        cloud.put_silently(f"uploads/u/{number}.png")
    good = [record(f"uploads/u/{number}.png", cloud.bucket) for number in range(9)]
    body = event(*good[:4], {"s3": "?"}, *good[4:])
    cloud.send(body)

    cloud.work_all()

    assert ImageUpload.objects.count() == 9
    letter = the_letter()
    assert letter.code == "unreadable_record"
    assert letter.message.startswith("Record 5 of 10 cannot be read: ")
    assert bytes(StrayMessage.objects.get().body) == body.encode()
    assert cloud.depth() == (0, 0)
    assert outcomes() == {EventOutcome.TAKEN_IN: 9, EventOutcome.LETTER: 1}


@pytest.mark.parametrize("body", ["not JSON", "{}", envelope("hello"), "レシート " + "x" * 250_000])
def test_a_message_that_cannot_be_read_is_kept_whole(cloud: Cloud, body: str) -> None:
    message_id = cloud.send(body)

    cloud.work_all()

    stray = StrayMessage.objects.get()
    assert bytes(stray.body) == body.encode()
    assert (stray.queue, stray.message_id, stray.receive_count, stray.size) == (
        f"{cloud.name}-events",
        message_id,
        1,
        len(body.encode()),
    )
    assert stray.letter.code == "unreadable_message"
    assert cloud.depth() == (0, 0)


def test_the_same_unreadable_message_is_one_letter_whatever_its_id(cloud: Cloud) -> None:
    for _ in range(3):
        cloud.send("not JSON")

    cloud.work_all()

    assert StrayMessage.objects.get().times == 3
    assert DeadLetter.objects.count() == 1


def test_a_message_that_comes_back_is_not_hidden_by_a_closed_letter(cloud: Cloud) -> None:
    cloud.send("not JSON")
    cloud.work_all()
    DeadLetter.objects.update(status=LetterStatus.DISCARDED, closed_at=Now())

    cloud.send("not JSON")
    cloud.work_all()

    assert list(DeadLetter.objects.order_by("pk").values_list("status", flat=True)) == ["discarded", "open"]
    assert list(StrayMessage.objects.order_by("pk").values_list("occurrence", flat=True)) == [1, 2]


def test_the_letters_page_shows_the_message(cloud: Cloud) -> None:
    cloud.send(envelope("hello"))
    cloud.work_all()

    shown = message_of(the_letter())

    assert shown
    assert '"Message": "hello"' in shown.body
    assert "c2lnbmVk" not in shown.body
    assert "Action=Unsubscribe" not in shown.body
