"""Letters come in groups, with figures that are exact at any moment."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from batches.letters.close import close_letters
from batches.letters.figures import trend, with_figures, with_letters
from batches.letters.roll_up import roll_up
from batches.letters.write_letter import write_child
from batches.models import Chunk, DeadLetter, ImageUpload, LetterGroup, LetterTally, LetterTouch, Transaction
from batches.pipeline.bury import bury_file_fault, bury_poison
from batches.pipeline.prepare import prepare
from batches.pipeline.receive import receive
from batches.pipeline.write import write_chunk
from batches.states import LetterStatus
from storage import result_storage
from tests.builders import (
    USER,
    a_job,
    claims,
    error_line,
    image,
    ingested,
    jsonl,
    landed,
    line,
    receipts,
    status_of,
    taken_in,
    transaction_id,
)
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("letters_now", "open_now", "amount_now", "jobs_now", "users_now")


def figures(**which: Any) -> dict[str, Any]:
    group = with_figures(LetterGroup.objects.filter(**which)).get()
    return {name.removesuffix("_now"): getattr(group, name) for name in NAMES}


def wrong_dates(count: int, first: int = 0, **changes: Any) -> bytes:
    return jsonl(line(image(first + at), date=f"{at % 28 + 1}/11/2026", **changes) for at in range(count))


def uploaded(image_id: str, user_id: str) -> None:
    ImageUpload.objects.create(
        image_id=image_id, user_id=user_id, bucket="b", key=f"uploads/{image_id}", trace_id="12" * 16
    )


def test_the_lines_of_one_problem_are_one_group_whatever_job_they_came_in() -> None:
    uploaded(image(0), "user-7")
    ingested(wrong_dates(3), job=a_job("job-1"))
    ingested(wrong_dates(2, amount=500), job=a_job("job-2"))
    ingested(jsonl([error_line(image(9))]), job=a_job("job-3"))

    assert LetterGroup.objects.count() == 2
    # Image 0 belongs to user-7 in either job, the other images to the jobs' user.
    expected = {"letters": 5, "open": 5, "amount": Decimal(3 * 1280 + 2 * 500), "jobs": 2, "users": 2}
    assert figures(code="invalid_date") == expected
    assert set(DeadLetter.objects.filter(record_id=image(0)).values_list("user_id", flat=True)) == {"user-7"}
    assert set(DeadLetter.objects.filter(record_id=image(1)).values_list("user_id", flat=True)) == {USER}


def test_figures_do_not_change_by_being_rolled_up() -> None:
    for at in range(3):
        ingested(wrong_dates(2), job=a_job(f"job-{at}"))
    LetterGroup.objects.update(letters=0, open=0, amount=0, jobs=0, users=0)
    LetterTouch.objects.all().delete()
    of = LetterGroup.objects.get().pk
    for job in (1, 2):
        LetterTally.objects.create(group_id=of, letters=2, open=2, amount=10, job_id=job, users=["a", f"b-{job}"])
    LetterTally.objects.create(group_id=of, open=-1, amount=-5)

    before = figures()
    rolled = roll_up()

    assert rolled == 3
    assert before == {"letters": 4, "open": 3, "amount": Decimal(15), "jobs": 2, "users": 3} == figures()
    assert not LetterTally.objects.exists()
    assert sum(trend([of])[of]) == 6 + 4


def test_the_trend_has_an_hour_for_each_of_a_day_the_present_one_last() -> None:
    ingested(wrong_dates(3))
    group = LetterGroup.objects.get().pk
    LetterTally.objects.create(group_id=group, letters=4, open=4)

    assert trend([group]) == {group: [0] * 23 + [7]}


def test_an_amount_that_cannot_be_told_is_none() -> None:
    ingested(jsonl([line(image(1), amount=-5), line(image(2), type="x", amount="¥1,280"), error_line(image(3))]))

    assert dict(DeadLetter.objects.values_list("code", "amount")) == {
        "invalid_amount": None,
        "invalid_type": Decimal("1280.00"),
        "model_error": None,
    }


def test_letters_of_every_kind_have_a_group() -> None:
    file = ingested(receipts([1]))
    Transaction.objects.filter(pk=transaction_id(image(1))).update(review="confirmed")
    ingested(receipts([1], amount=99), name="again.jsonl")
    bury_file_fault(file.pk, file.job_id, "empty_file", f"{file.key} is empty.")
    bury_poison(Chunk.objects.all()[0], "It kills.")
    landed("batch-output/unheard-of/results.jsonl", b"x")
    receive(result_storage().bucket_name, "batch-output/unheard-of/results.jsonl", door="sweep")
    ingested(jsonl([error_line(image(5))]), name="third.jsonl")

    found = dict(DeadLetter.objects.values_list("kind", "group"))

    assert set(found) == {"line", "conflict", "file", "event", "poison"}
    assert len(set(found.values())) == 5
    assert set(LetterGroup.objects.values_list("pk", "kind")) == {(group, kind) for kind, group in found.items()}
    conflict = DeadLetter.objects.get(kind="conflict")
    assert (conflict.amount, conflict.user_id) == (Decimal(99), USER)


def test_a_letter_that_is_written_twice_is_counted_once() -> None:
    file = ingested(receipts([1]))
    for _ in range(2):
        bury_file_fault(file.pk, file.job_id, "empty_file", f"{file.key} is empty.")

    assert figures()["letters"] == 1


def test_the_database_refuses_a_letter_without_a_group() -> None:
    with pytest.raises(IntegrityError, match="group_id"):
        DeadLetter.objects.create(kind="line", code="c", message="m")


def test_a_group_of_lines_whose_chunk_did_not_commit_is_not_shown() -> None:
    ingested(wrong_dates(1))
    LetterGroup.objects.create(pk="ab" * 8, kind="line", code="c", pattern="p", first_seen=Now(), last_seen=Now())

    assert [group.code for group in with_letters(LetterGroup.objects.all())] == ["invalid_date"]


def test_closing_a_letter_takes_it_out_of_the_figures_and_finishes_its_job() -> None:
    ingested(wrong_dates(2))
    first, second = DeadLetter.objects.order_by("pk")
    with transaction.atomic():
        assert close_letters([first.pk], LetterStatus.DISCARDED, event="discarded", message="a test") == [first.pk]

    assert status_of() == "with_letters"
    assert figures() | {"amount": 0} == {"letters": 2, "open": 1, "amount": 0, "jobs": 1, "users": 1}
    assert figures()["amount"] == Decimal(1280)
    with transaction.atomic():
        both = close_letters([first.pk, second.pk], LetterStatus.RESOLVED, event="resolved", message={second.pk: "own"})

    assert both == [second.pk]
    assert status_of() == "finished"
    told = [(event.name, event.message) for letter in (first, second) for event in letter.events.all()]
    assert told == [("discarded", "a test"), ("resolved", "own")]
    second.refresh_from_db()
    assert second.closed_at is not None
    roll_up()
    assert (figures()["open"], figures()["amount"]) == (0, 0)


def test_a_letter_is_not_closed_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="in a transaction"):
        close_letters([1], LetterStatus.RESOLVED, event="resolved")


def test_what_is_rolled_back_is_not_counted() -> None:
    ingested(wrong_dates(2))
    with transaction.atomic():
        close_letters(DeadLetter.objects.values_list("pk", flat=True), LetterStatus.RESOLVED, event="resolved")
        transaction.set_rollback(True)

    assert figures()["open"] == 2


def test_a_child_stands_where_its_parent_stood_in_a_group_of_its_own_reason() -> None:
    ingested(wrong_dates(1))
    parent = DeadLetter.objects.get()
    with transaction.atomic():
        close_letters([parent.pk], LetterStatus.REPLACED, event="failed_again")
        child, created = write_child(parent, code="invalid_amount", field="amount", message="The amount `5` is odd.")
        again, twice = write_child(parent, code="invalid_amount", field="amount", message="The amount `5` is odd.")

    assert (created, twice, again.pk) == (True, False, child.pk)
    assert (child.chunk_id, child.line, child.record_id) == (parent.chunk_id, parent.line, parent.record_id)
    assert {group.code: group.open_now for group in with_figures(LetterGroup.objects.all())} == {
        "invalid_date": 0,
        "invalid_amount": 1,
    }
    assert status_of() == "with_letters"


def test_a_resolved_group_is_open_again_when_a_letter_returns() -> None:
    ingested(wrong_dates(1))
    LetterGroup.objects.update(status="resolved", resolved_at=Now())
    with transaction.atomic():
        close_letters(DeadLetter.objects.values_list("pk", flat=True), LetterStatus.RESOLVED, event="resolved")
    roll_up()
    assert LetterGroup.objects.get().status == "resolved"

    ingested(wrong_dates(1, first=5), name="next.jsonl")

    group = LetterGroup.objects.get()
    assert group.status == "open"
    assert group.returned_at is not None


def test_a_muted_group_stays_muted() -> None:
    ingested(wrong_dates(1))
    LetterGroup.objects.update(status="muted")

    ingested(wrong_dates(1, first=5), name="next.jsonl")

    assert LetterGroup.objects.get().status == "muted"


def test_no_group_is_written_by_a_chunk() -> None:
    """A group's row would be hot: each chunk of a night would queue behind the one before."""
    ingested(wrong_dates(1))
    taken_in(wrong_dates(3, first=7), name="next.jsonl")

    def write_beside() -> int:
        prepared = prepare(claims()[0])
        assert prepared.parsed is not None
        dead = write_chunk(prepared.claim, prepared.parsed, prepared.began).dead
        prepared.close()
        return dead

    with transaction.atomic():
        list(LetterGroup.objects.select_for_update())
        assert race([write_beside]) == [3]


def test_two_jobs_share_no_particulars() -> None:
    landed("batch-output/unheard-of/results.jsonl", b"x")
    landed("batch-output/unknown/a/b.jsonl", b"x")
    landed("batch-output/unknown/other.jsonl", b"x")
    for key in ("unheard-of/results.jsonl", "unknown/a/b.jsonl", "unknown/other.jsonl"):
        receive(result_storage().bucket_name, f"batch-output/{key}", door="sweep")

    assert sorted(LetterGroup.objects.values_list("code", flat=True)) == ["unexpected_key", "unknown_job"]
    assert "unheard" not in json.dumps(list(LetterGroup.objects.values_list("pattern", flat=True)))
