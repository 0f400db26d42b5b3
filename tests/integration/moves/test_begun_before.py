"""Moves that were begun before: by a worker that died, or with somebody else's hand in between."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from batches.models import DeadLetter, ImageUpload, ResultFile
from batches.moves import claim as claim_step
from batches.moves.recover import recover_moves
from batches.moves.start import start_file
from batches.moves.work import move
from storage import result_storage
from tests.builders import a_job, image, ingested, receipts
from tests.moves import PNG, key_of, keys, states, the_upload, today, uploaded
from tests.redrives import a_rule, outcomes, run_redrives, started, wrong_dates

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_source_that_is_gone_with_its_copy_there_is_done() -> None:
    uploaded([1])
    ingested(receipts([1]))
    result_storage().copy(key_of(1), key_of(1, moved=today()))
    result_storage().remove([key_of(1)])

    assert move() == 1
    assert the_upload(1).status == "moved"


def test_a_source_that_is_gone_with_something_else_there_is_not_done() -> None:
    uploaded([1], size=len(PNG))
    ingested(receipts([1]))
    result_storage().put(key_of(1, moved=today()), BytesIO(b"something else"))
    result_storage().remove([key_of(1)])

    assert move() == 0
    assert the_upload(1).code == "image_missing"


def test_an_image_uploaded_again_under_its_name_is_the_image() -> None:
    """What its event told is no more true: what lies there is copied, and compared with itself."""
    uploaded([1], size=3, version="long gone")
    ingested(receipts([1]))

    assert move() == 1
    assert the_upload(1).size == len(PNG)


@pytest.mark.parametrize("copy_is_there", [True, False])
@pytest.mark.parametrize("source_is_there", [True, False])
def test_one_whose_copy_was_verified_before(copy_is_there: bool, source_is_there: bool) -> None:
    """Its worker was killed before the source was deleted, or before that was recorded."""
    uploaded([1])
    ingested(receipts([1]))
    claimed = claim_step.claim_batch
    for file in ResultFile.objects.all():
        start_file(file.pk)
    assert claimed()
    target = key_of(1, moved=today())
    ImageUpload.objects.update(
        status="copied", moved_key=target, moved_at=timezone.now(), size=len(PNG), lease=None, leased_until=None
    )
    if copy_is_there:
        result_storage().copy(key_of(1), target)
    if not source_is_there:
        result_storage().remove([key_of(1)])

    assert move() == 1

    assert the_upload(1).status == "moved"
    assert keys() == ({target} if copy_is_there or source_is_there else set())


def test_a_lease_that_ran_out_is_no_obstacle_and_records_nothing(settings: Settings) -> None:
    from batches.moves.copy import Copied, NotCopied
    from batches.moves.fail import fail_images
    from batches.moves.record import record_copied, record_moved

    uploaded([1])
    file = ingested(receipts([1]))
    start_file(file.pk)
    slept = claim_step.claim_batch()
    assert slept
    assert claim_step.claim_batch() is None
    ImageUpload.objects.update(leased_until=timezone.now() - timezone.timedelta(seconds=1))  # type: ignore[attr-defined]
    other = claim_step.claim_batch()
    assert other
    copied = Copied(slept.images[0], key_of(1, moved=today()), len(PNG))

    assert record_copied(slept.lease, [copied]) == [], "so it may not delete either"
    assert record_moved(slept.lease, [copied]) == 0
    assert fail_images(slept.lease, [NotCopied(slept.images[0], "x", "x")]) == 0
    assert the_upload(1).status == "due"
    assert record_copied(other.lease, [copied]) == [copied]


def test_an_image_that_kills_its_workers_is_given_up() -> None:
    uploaded([1])
    file = ingested(receipts([1]))
    start_file(file.pk)
    past = timezone.now() - timezone.timedelta(seconds=1)  # type: ignore[attr-defined]
    for _ in range(claim_step.MOST_CLAIMS):
        assert claim_step.claim_batch()
        ImageUpload.objects.update(leased_until=past)
    assert claim_step.claim_batch() is None

    recover_moves()

    assert (the_upload(1).status, the_upload(1).code) == ("failed", "worker_died")
    assert DeadLetter.objects.filter(kind="image", code="worker_died").count() == 1


def test_a_job_says_that_one_of_its_images_waits_for_a_person(storage_folder: Path) -> None:
    uploaded([1])
    job = a_job()
    result_storage().remove([key_of(1)])
    ingested(receipts([1]), job=job)
    move()
    job.refresh_from_db()
    assert job.status == "with_letters"

    result_storage().put(key_of(1), BytesIO(PNG))
    redrive = started()
    run_redrives()
    move()
    job.refresh_from_db()
    assert (outcomes(redrive), job.status, the_upload(1).status) == (["due"], "finished", "moved")
    assert DeadLetter.objects.get().status == "resolved"


def test_an_image_of_a_line_that_is_put_right_is_moved(storage_folder: Path) -> None:
    uploaded([1])
    ingested(wrong_dates([1]))
    move()
    assert states() == {image(1): "uploaded"}

    started(rule=a_rule())
    run_redrives()
    move()
    assert states() == {image(1): "moved"}
