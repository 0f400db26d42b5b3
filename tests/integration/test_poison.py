"""A chunk that cannot be worked on: tried again, counted, and at last a letter, while the rest of its file goes in."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pytest_django import Settings

from batches.models import Chunk, DeadLetter
from batches.pipeline.bisect import bisect_poison
from batches.pipeline.claim import Claim, claim_chunk
from batches.pipeline.hand_back import hand_back
from batches.pipeline.recover import recover
from batches.pipeline.work import work_on
from batches.states import JobStatus
from tests.builders import (
    balance_of,
    claims,
    counts,
    ids,
    ids_of,
    path_of,
    receipts,
    run_all,
    status_of,
    taken_in,
    the_letter,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_chunks")]

LINES = 6


def lapse(chunk: Chunk | Claim) -> None:
    """The worker of a chunk stops beating until its lease has run out."""
    pk = chunk.chunk_id if isinstance(chunk, Claim) else chunk.pk
    assert Chunk.objects.filter(pk=pk, status="leased").update(leased_until=Now() - timedelta(seconds=1)) == 1


def let_pauses_pass() -> None:
    Chunk.objects.update(not_before=Now())


def test_an_expired_lease_is_handed_back_and_the_work_done() -> None:
    taken_in(receipts(range(LINES)))
    claim = claims()[0]
    Chunk.objects.exclude(pk=claim.chunk_id).update(status="pending", lease=0, attempts=0)
    lapse(claim)

    recover()

    chunk = Chunk.objects.get(pk=claim.chunk_id)
    assert (chunk.status, chunk.attempts, chunk.lease) == ("pending", 1, 1)
    assert "the worker stopped answering" in chunk.last_error
    let_pauses_pass()
    run_all()
    assert ids() == ids_of(range(LINES))
    assert counts() == {"inserted": LINES}
    assert status_of() == "finished"


def test_a_living_lease_is_left_alone() -> None:
    taken_in(receipts(range(LINES)))
    found = claims()

    recover()

    assert set(Chunk.objects.values_list("status", flat=True)) == {"leased"}
    for claim in found:
        work_on(claim)
    assert counts() == {"inserted": LINES}


def test_a_chunk_that_keeps_killing_its_worker_becomes_a_letter_and_the_rest_goes_in(settings: Settings) -> None:
    file = taken_in(receipts(range(LINES)))
    deadly = Chunk.objects.get(ordinal=2)
    Chunk.objects.exclude(pk=deadly.pk).update(not_before=Now() + timedelta(hours=1))

    for attempt in range(1, settings.MAX_ATTEMPTS + 1):
        let_pauses_pass_of(deadly)
        claim = claim_chunk()
        assert claim
        assert (claim.chunk_id, claim.attempts) == (deadly.pk, attempt)
        lapse(claim)
        recover()

    deadly.refresh_from_db()
    assert deadly.status == "poisoned"
    let_pauses_pass()
    assert claim_chunk_ids() == set(Chunk.objects.filter(status="leased").values_list("pk", flat=True))
    Chunk.objects.filter(status="leased").update(status="pending")
    run_all()

    letter = the_letter()
    assert (letter.kind, letter.file, letter.chunk, letter.code) == ("poison", file, deadly, "poison_chunk")
    assert (letter.offset, letter.length) == (deadly.start, deadly.end - deadly.start)
    assert f"Bytes {deadly.start:,} to {deadly.end:,} could not be taken in 3 times" in letter.message
    assert "the worker stopped answering" in letter.message
    file.refresh_from_db()
    assert (file.status, status_of()) == ("finished", "with_letters")
    told = balance_of()
    assert (told.unread, told.pending) == (deadly.end - deadly.start, 0)
    assert told.inserted == told.read == len(ids()) < LINES
    assert ids() < ids_of(range(LINES))


def let_pauses_pass_of(chunk: Chunk) -> None:
    Chunk.objects.filter(pk=chunk.pk).update(not_before=Now())


def claim_chunk_ids() -> set[int]:
    return {claim.chunk_id for claim in claims()}


def test_a_fault_that_may_pass_uses_up_no_attempt(settings: Settings) -> None:
    """The storage folder turns into something that cannot be read: away, not deleted."""
    file = taken_in(receipts(range(2)))
    path, hidden = path_of(file), path_of(file).with_name(".hidden")
    os.rename(path, hidden)
    path.symlink_to(path.name)  # a link to itself: "Too many levels of symbolic links"

    for _ in range(settings.MAX_ATTEMPTS + 2):
        let_pauses_pass()
        run_all()

    assert set(Chunk.objects.values_list("status", "attempts")) == {("pending", 0)}
    assert "could not be read" in Chunk.objects.first().last_error  # type: ignore[union-attr]
    assert not DeadLetter.objects.exists()
    assert status_of() == "running"

    os.replace(hidden, path)
    let_pauses_pass()
    run_all()
    assert ids() == ids_of(range(2))
    assert status_of() == "finished"


def test_the_pause_between_tries_grows_to_a_minute() -> None:
    taken_in(receipts([1]))
    pauses = []
    for _ in range(9):
        let_pauses_pass()
        claim = claim_chunk()
        assert claim
        hand_back(claim.chunk_id, claim.lease, "away", passing=True)
        row = Chunk.objects.annotate(pause=F("not_before") - Now()).get(pk=claim.chunk_id)
        pauses.append(round(row.pause.total_seconds()))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_chunk_is_not_claimed_before_its_pause_is_over() -> None:
    taken_in(receipts([1]))
    claim = claim_chunk()
    assert claim
    hand_back(claim.chunk_id, claim.lease, "away", passing=True)

    assert claim.chunk_id not in claim_chunk_ids()

    let_pauses_pass()
    assert claim.chunk_id in claim_chunk_ids()


def test_handing_back_under_an_old_lease_changes_nothing() -> None:
    taken_in(receipts([1]))
    old = claim_chunk()
    assert old
    lapse(old)
    recover()
    let_pauses_pass()
    new = claim_chunk()
    assert new

    hand_back(old.chunk_id, old.lease, "too late", passing=False)

    chunk = Chunk.objects.get(pk=new.chunk_id)
    assert (chunk.status, chunk.lease, chunk.attempts) == ("leased", new.lease, 2)


def test_recover_finishes_a_file_whose_last_worker_died_before_saying_so() -> None:
    """Every chunk is counted, and the process is killed between that commit and the next."""
    file = taken_in(receipts(range(LINES)))
    run_all()
    type(file).objects.update(status="reading", finished_at=None)
    file.job.__class__.objects.update(status="running", finished_at=None)

    recover()

    file.refresh_from_db()
    assert (file.status, status_of()) == ("finished", "finished")
    assert counts() == {"inserted": LINES}


def test_a_poisoned_range_that_went_in_after_all_leaves_the_job_finished(settings: Settings) -> None:
    settings.MAX_ATTEMPTS, settings.CHUNK_BYTES = 1, 2**20
    taken_in(receipts([1, 2, 3, 4]))
    claim = claim_chunk()
    assert claim is not None
    hand_back(claim.chunk_id, claim.lease, "out of memory.", passing=False)
    recover()
    assert status_of() == JobStatus.WITH_LETTERS

    bisect_poison(DeadLetter.objects.get().pk)
    run_all()

    assert ids() == ids_of([1, 2, 3, 4])
    assert status_of() == JobStatus.FINISHED
