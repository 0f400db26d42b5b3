"""A fault of the database in the middle of writing passes: nothing is half-written, and no attempt is used up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from batches.models import Chunk, DeadLetter
from batches.pipeline.claim import claim_chunk
from batches.pipeline.work import work_on
from tests.builders import counts, error_line, ids, ids_of, image, jsonl, line, run_all, status_of, taken_in
from tests.concurrency.racing import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Somebody else holds the table for as long as the block lasts."""
    taken, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                taken.set()
                assert release.wait(PATIENCE)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(PATIENCE)
    try:
        yield
    finally:
        release.set()
        thread.join(PATIENCE)


@pytest.mark.parametrize("table", ["batches_transaction", "batches_deadletter"])
def test_a_lock_that_cannot_be_had_is_waited_out(table: str) -> None:
    taken_in(jsonl([line(image(1)), error_line(image(2)), line(image(3))]))
    claim = claim_chunk()
    assert claim
    with locked(table):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        work_on(claim)

    chunk = Chunk.objects.get()
    assert (chunk.status, chunk.attempts, chunk.read) == ("pending", 0, 0)
    assert "lock timeout" in chunk.last_error
    assert ids() == set()
    assert not DeadLetter.objects.exists()

    Chunk.objects.update(not_before=Now())
    run_all()
    assert ids() == ids_of([1, 3])
    assert counts() == {"inserted": 2, "dead": 1}
    assert status_of() == "with_letters"
