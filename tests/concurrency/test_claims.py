"""A chunk is claimed by one worker at a time, and finished only under the lease it was claimed with."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models.functions import Now
from pytest_django import Settings

from batches.models import Chunk, DeadLetter, Transaction
from batches.pipeline.bring_in import bring_in
from batches.pipeline.claim import Claim, claim_chunk
from batches.pipeline.parse import parse_chunk
from batches.pipeline.prepare import prepare
from batches.pipeline.recover import recover
from batches.pipeline.work import work, work_on
from batches.pipeline.write import LeaseLost, write_chunk
from tests.builders import (
    balance_of,
    claims,
    counts,
    error_line,
    ids,
    ids_of,
    image,
    jsonl,
    line,
    receipts,
    status_of,
    taken_in,
)
from tests.concurrency.racing import PATIENCE, race

pytestmark = pytest.mark.django_db(transaction=True)


def lapse(claim: Claim) -> None:
    Chunk.objects.filter(pk=claim.chunk_id).update(leased_until=Now() - timedelta(seconds=1))


def claimed_again(claim: Claim) -> Claim:
    """The worker slept through its lease, and another one has the chunk now."""
    lapse(claim)
    recover()
    Chunk.objects.update(not_before=Now())
    again = claim_chunk()
    assert again
    assert (again.chunk_id, again.lease) == (claim.chunk_id, claim.lease + 1)
    return again


@pytest.mark.usefixtures("small_chunks")
def test_no_chunk_is_claimed_twice() -> None:
    taken_in(receipts(range(60)))
    total = Chunk.objects.count()

    found = race([claims] * 8)

    taken = [claim.chunk_id for each in found for claim in each]
    assert len(taken) == len(set(taken)) == total
    assert set(Chunk.objects.values_list("lease", "attempts")) == {(1, 1)}


def test_eight_workers_and_one_chunk() -> None:
    taken_in(receipts(range(3)))

    found = race([claim_chunk] * 8)

    assert sum(claim is not None for claim in found) == 1


@pytest.mark.usefixtures("small_chunks")
def test_workers_at_once_count_every_line_once() -> None:
    taken_in(jsonl(line(image(number)) if number % 10 else error_line(image(number)) for number in range(120)))

    done = race([partial(work, PATIENCE)] * 4)

    assert sum(done) == Chunk.objects.count()
    assert counts() == {"inserted": 108, "dead": 12}
    assert ids() == ids_of(number for number in range(120) if number % 10)
    assert status_of() == "with_letters"


@pytest.mark.parametrize("fresh", [True, False])
def test_workers_at_once_on_a_file_full_of_duplicates(fresh: bool, settings: Settings) -> None:
    """Every chunk fights with every other for the same rows; the outcome is that of one worker in order."""
    settings.CHUNK_BYTES = 1500
    if not fresh:
        taken_in(receipts(range(8), amount=99_999), "before.jsonl")
        work()
    lines = [(number * 7 % 16, number + 1) for number in range(160)]
    taken_in(jsonl(line(image(name), amount=amount) for name, amount in lines))

    deadline = time.monotonic() + PATIENCE
    while Chunk.objects.exclude(status="done").exists():
        assert time.monotonic() < deadline
        race([work] * 4)
        Chunk.objects.update(not_before=Now())  # a deadlock's loser waits a second, the test does not

    last = {image(name): amount for name, amount in lines}
    assert {row.image_id: int(row.amount) for row in Transaction.objects.all()} == last
    told = balance_of()
    assert told.read == 160 + (0 if fresh else 8)
    assert told.superseded == 160 - 16
    assert (told.inserted, told.updated) == ((16, 0) if fresh else (16, 8))
    assert not DeadLetter.objects.exists()
    assert status_of() == "finished"


def test_a_lost_lease_writes_nothing() -> None:
    taken_in(jsonl([line(image(1)), error_line(image(2)), line(image(3))]))
    old = claim_chunk()
    assert old
    parsed = parse_chunk(old)
    new = claimed_again(old)

    with pytest.raises(LeaseLost):
        write_chunk(old, parsed, time.monotonic())

    assert ids() == set()
    assert not DeadLetter.objects.exists()
    chunk = Chunk.objects.get()
    assert (chunk.status, chunk.lease, chunk.read) == ("leased", new.lease, 0)
    work_on(new)
    assert counts() == {"inserted": 2, "dead": 1}


def test_a_worker_that_slept_through_its_lease_does_not_disturb_the_one_that_finished() -> None:
    taken_in(jsonl([line(image(1)), error_line(image(2))]))
    old = claim_chunk()
    assert old
    sleeping = prepare(old)
    new = claimed_again(old)
    work_on(new)
    before = list(Transaction.objects.values_list("id", "updated_at", "revision"))

    bring_in(sleeping)

    assert list(Transaction.objects.values_list("id", "updated_at", "revision")) == before
    assert counts() == {"inserted": 1, "dead": 1}
    assert DeadLetter.objects.count() == 1
    assert Chunk.objects.get().lease == new.lease
    assert status_of() == "with_letters"


@pytest.mark.usefixtures("small_chunks")
def test_two_holders_of_one_chunk_at_once_count_it_once() -> None:
    """Both have the same valid lease, as after a message that came twice: one commits, the other finds it done."""
    taken_in(jsonl([line(image(1)), line(image(2)), error_line(image(3))]))
    for claim in claims():
        race([partial(work_on, claim)] * 3)

    assert counts() == {"inserted": 2, "dead": 1}
    assert ids() == ids_of([1, 2])
    assert DeadLetter.objects.count() == 1
    assert status_of() == "with_letters"


def test_a_heartbeat_keeps_the_lease_alive(settings: Settings) -> None:
    taken_in(receipts([1]))
    settings.LEASE_SECONDS = 1  # only now: what receives a file may be silent for no longer than that
    claim = claim_chunk()
    assert claim
    first = Chunk.objects.get().leased_until
    prepared = prepare(claim)
    try:
        deadline = time.monotonic() + PATIENCE
        while Chunk.objects.get().leased_until <= first:  # type: ignore[operator]
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        prepared.close()
    assert Chunk.objects.get().heartbeat_at is not None


def test_a_stopped_worker_that_holds_locks_is_cut_off(settings: Settings) -> None:
    """A worker is frozen inside its transaction: recover ends its connection and hands the chunk to another."""
    taken_in(receipts(range(3)))
    usual, settings.LEASE_SECONDS = settings.LEASE_SECONDS, 1
    claim = claim_chunk()
    settings.LEASE_SECONDS = usual  # of the one that recovers
    assert claim
    frozen, thaw = threading.Event(), threading.Event()
    outcome: list[BaseException] = []

    def freeze() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT set_config('application_name', %s, true)", [claim.application_name])
                cursor.execute("SELECT 1 FROM batches_chunk WHERE id = %s FOR UPDATE", [claim.chunk_id])
                frozen.set()
                assert thaw.wait(PATIENCE)
                cursor.execute("COMMIT")
        except Exception as fault:
            outcome.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=freeze)
    thread.start()
    assert frozen.wait(PATIENCE)
    _wait_until_expired(claim)

    recover()

    thaw.set()
    thread.join(PATIENCE)
    assert outcome, "its connection should have been ended"
    assert Chunk.objects.get().status == "pending"


def _wait_until_expired(claim: Claim) -> None:
    """The frozen worker holds the row's lock, so the lease has to end by the clock of the database."""
    deadline = time.monotonic() + PATIENCE
    while not Chunk.objects.filter(pk=claim.chunk_id, leased_until__lt=Now()).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
