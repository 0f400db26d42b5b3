"""Two chunks with the same record, one of them not committed yet: the second waits, and then sees what there is."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from batches.models import Transaction
from batches.pipeline.claim import Claim
from batches.pipeline.prepare import prepare
from batches.pipeline.work import work_on
from batches.pipeline.write import write_chunk
from tests.builders import balance_of, claims, counts, image, ingested, jsonl, line, run_all, taken_in
from tests.concurrency.racing import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_chunks")]


class Uncommitted(threading.Thread):
    """Writes a chunk in a transaction that stays open until `commit`."""

    def __init__(self, claim: Claim) -> None:
        super().__init__()
        self._claim = claim
        self._written, self._release = threading.Event(), threading.Event()
        self.start()
        assert self._written.wait(PATIENCE)

    def run(self) -> None:
        prepared = prepare(self._claim)
        assert prepared.parsed
        try:
            with transaction.atomic():
                write_chunk(self._claim, prepared.parsed, prepared.began)
                self._written.set()
                assert self._release.wait(PATIENCE)
        finally:
            prepared.close()
            connection.close()

    def commit(self) -> None:
        self._release.set()
        self.join(PATIENCE)


@pytest.mark.parametrize("before", [None, 9, 5])
@pytest.mark.parametrize("first", ["earlier", "later"])
def test_the_last_line_wins_whoever_is_first(before: int | None, first: str) -> None:
    if before:
        ingested(jsonl([line(image(0), amount=before)]), "before.jsonl")
    taken_in(jsonl([line(image(0), amount=1), line(image(0), amount=9)]))
    earlier, later, *_ = claims()
    ahead, behind = (earlier, later) if first == "earlier" else (later, earlier)
    uncommitted = Uncommitted(ahead)
    second = threading.Thread(target=_work_on, args=(behind,))
    second.start()
    _wait_until_blocked(second)

    uncommitted.commit()
    second.join(PATIENCE)
    run_all()

    assert Transaction.objects.get().amount == 9
    told = balance_of()
    assert told.superseded == 1
    assert told.inserted == 1
    assert told.updated + told.unchanged == (1 if before else 0)
    assert "dead" not in counts()


def _work_on(claim: Claim) -> None:
    try:
        work_on(claim)
    finally:
        connection.close()


def _wait_until_blocked(thread: threading.Thread) -> None:
    """Until the other connection waits for a lock; one that does not have to is done instead."""
    deadline = time.monotonic() + PATIENCE
    while thread.is_alive():
        assert time.monotonic() < deadline
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
