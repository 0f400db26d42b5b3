"""What was read is told in the transaction that commits it: exact to the line, whoever reads it when."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from batches.models import Chunk, DeadLetter, ResultFile, Transaction
from batches.pipeline import write
from batches.pipeline.bisect import bisect_poison
from batches.pipeline.bury import bury_poison
from batches.pipeline.fail_file import fail_file
from batches.pipeline.finish import finish_file
from batches.pipeline.parse import parse_chunk
from batches.pipeline.tally import Tally
from batches.pipeline.tell import tell_chunk
from batches.pipeline.work import work
from batches.pipeline.write import LeaseLost, write_chunk
from batches.states import ChunkStatus
from monitoring.models import MetricDelta
from storage.port import ObjectMissing
from tests.builders import claims, error_line, image, jsonl, line, receipts, taken_in
from tests.figures import all_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("small_chunks")
def test_the_lines_told_are_the_lines_read() -> None:
    file = taken_in(jsonl(line(image(number)) if number % 7 else error_line(image(number)) for number in range(40)))
    while work():
        pass

    read = Chunk.objects.aggregate(read=Sum("read"), dead=Sum("dead"))
    lines, chunks = all_of("batch.lines", kind="receipts"), all_of("batch.chunk", kind="receipts")
    assert (lines.count, lines.errors) == (read["read"], read["dead"]) == (40, 6)
    assert chunks.count == Chunk.objects.filter(status=ChunkStatus.DONE).count()
    assert chunks.total == pytest.approx(Chunk.objects.aggregate(Sum("seconds"))["seconds__sum"])
    took = all_of("batch.file", kind="receipts")
    file.refresh_from_db()
    assert file.finished_at is not None
    assert (took.count, took.errors) == (1, 0)
    assert took.total == pytest.approx((file.finished_at - file.received_at).total_seconds())


def test_what_cannot_be_told_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: there is no moment at which rows are there and their figures are not."""
    taken_in(receipts(range(3)))
    (claim,) = claims()

    def killed(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(write, "tell_chunk", killed)
    with pytest.raises(OperationalError):
        write_chunk(claim, parse_chunk(claim), time.monotonic())

    assert not Transaction.objects.exists()
    assert Chunk.objects.get().status == ChunkStatus.LEASED


def test_who_lost_the_lease_tells_nothing() -> None:
    taken_in(receipts(range(3)))
    (claim,) = claims()
    parsed = parse_chunk(claim)
    Chunk.objects.update(lease=claim.lease + 1)

    with pytest.raises(LeaseLost):
        write_chunk(claim, parsed, time.monotonic())

    assert not MetricDelta.objects.exists()


def test_a_chunk_s_figures_are_one_statement_whatever_its_size() -> None:
    taken_in(receipts(range(50)))
    (claim,) = claims()
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        tell_chunk(claim, Tally(read=50, dead=3), 1.5)

    assert [query["sql"].split()[0] for query in queries] == ["SAVEPOINT", "INSERT", "RELEASE"]


def test_a_file_that_fails_is_told_once() -> None:
    file = taken_in(receipts(range(3)))

    for _ in range(2):
        fail_file(file.pk, ObjectMissing("It has gone."))

    took = all_of("batch.file", kind="receipts")
    assert (took.count, took.errors) == (1, 1)


def test_a_file_that_is_read_again_days_later_did_not_take_days() -> None:
    file = taken_in(receipts(range(4)))
    (chunk,) = Chunk.objects.all()
    Chunk.objects.update(status=ChunkStatus.POISONED)
    bury_poison(chunk, "It dies.")
    finish_file(file.pk)
    assert all_of("batch.file").count == 1

    bisect_poison(DeadLetter.objects.get().pk)
    while work():
        pass

    assert ResultFile.objects.get().status == "finished"
    assert all_of("batch.file").count == 1
    assert all_of("batch.lines").count == 4
