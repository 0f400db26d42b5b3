"""A result file that is replaced or deleted while it is being read is never half-counted, and the job says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from batches.models import Chunk, DeadLetter, ResultFile
from batches.pipeline.claim import claim_chunk
from batches.pipeline.sweep import sweep
from batches.pipeline.work import work_on
from storage import filesystem, result_storage
from storage.port import ObjectChanged
from tests.builders import (
    balance_of,
    claims,
    counts,
    ids,
    ids_of,
    image,
    ingested,
    jsonl,
    landed,
    line,
    path_of,
    receipts,
    run_all,
    status_of,
    taken_in,
    the_letter,
)

pytestmark = pytest.mark.django_db(transaction=True)

LINES = 20


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    other = path.with_name(".other")
    other.write_bytes(receipts(range(LINES), amount=9))
    os.replace(other, path)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(receipts([0], amount=9))


def truncate(path: Path) -> None:
    os.truncate(path, 10)


CHANGES = [
    pytest.param(delete, "file_deleted", "deleted", id="deleted"),
    pytest.param(replace, "file_replaced", "replaced", id="replaced"),
    pytest.param(overwrite, "file_replaced", "replaced", id="overwritten"),
    pytest.param(truncate, "file_replaced", "replaced", id="truncated"),
]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(("change", "code", "says"), CHANGES)
def test_between_two_chunks(change: Callable[[Path], None], code: str, says: str) -> None:
    file = taken_in(receipts(range(LINES)))
    total = Chunk.objects.count()
    for _ in range(3):
        claim = claim_chunk()
        assert claim
        work_on(claim)
    counted = balance_of()

    change(path_of(file))
    run_all()

    file.refresh_from_db()
    letter = the_letter()
    assert (file.status, status_of()) == ("failed", "failed")
    assert (letter.kind, letter.file, letter.code, letter.message) == ("file", file, code, file.failure)
    assert says in file.failure
    assert f"3 of its {total} chunks had been counted, the others were not." in file.failure
    told = balance_of()
    assert (told.read, told.inserted) == (counted.read, counted.inserted) == (len(ids()), len(ids()))
    assert ids() < ids_of(range(LINES))
    assert told.pending == 0
    assert told.unread == file.size - sum(chunk.end - chunk.start for chunk in Chunk.objects.filter(status="done"))


@pytest.fixture
def in_the_middle(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Let something happen between two blocks of one chunk: small blocks, and lines decoded as they come."""
    monkeypatch.setattr(filesystem, "BLOCK_BYTES", 500)

    def arrange(happens: Callable[[], None]) -> None:
        real = filesystem.RangedFileStorage.blocks

        def blocks(self: filesystem.RangedFileStorage, key: str, version: str, start: int = 0) -> Iterator[bytes]:
            for number, block in enumerate(real(self, key, version, start)):
                if number == 3:
                    happens()
                yield block

        monkeypatch.setattr(filesystem.RangedFileStorage, "blocks", blocks)

    return arrange


@pytest.mark.parametrize("change", [overwrite, truncate])
def test_in_the_middle_of_a_chunk(
    change: Callable[[Path], None], in_the_middle: Callable[[Callable[[], None]], None]
) -> None:
    file = taken_in(receipts(range(LINES)))
    in_the_middle(lambda: change(path_of(file)))

    run_all()

    file.refresh_from_db()
    assert (file.status, status_of()) == ("failed", "failed")
    assert "0 of its 1 chunks had been counted" in file.failure
    assert ids() == set()
    assert counts() == {}


@pytest.mark.parametrize("change", [delete, replace])
def test_an_open_file_that_loses_its_name_is_read_to_its_end(
    change: Callable[[Path], None], in_the_middle: Callable[[Callable[[], None]], None]
) -> None:
    """The bytes that were asked for are still there, all of them: the chunk counts."""
    file = taken_in(receipts(range(LINES)))
    in_the_middle(lambda: change(path_of(file)))

    run_all()

    assert ids() == ids_of(range(LINES))
    assert counts() == {"inserted": LINES}


@pytest.mark.usefixtures("small_chunks")
def test_the_new_version_is_a_file_of_its_own_that_the_sweep_takes_in() -> None:
    file = taken_in(receipts(range(LINES)))
    first = claims()[0]
    work_on(first)
    landed(file.key, receipts(range(5, LINES + 5), amount=2000))
    Chunk.objects.filter(status="leased").update(status="pending")
    run_all()

    assert sweep() == 1
    run_all()

    statuses = dict(ResultFile.objects.order_by("pk").values_list("pk", "status"))
    assert list(statuses.values()) == ["failed", "finished"]
    assert ids_of(range(5, LINES + 5)) <= ids()
    told = balance_of()
    assert told.read == told.inserted + told.updated + told.unchanged


@pytest.mark.usefixtures("small_chunks")
def test_put_back_and_taken_in_again_nothing_is_doubled() -> None:
    content = receipts(range(LINES))
    file = taken_in(content)
    claim = claim_chunk()
    assert claim
    work_on(claim)
    counted = balance_of().inserted
    delete(path_of(file))
    run_all()

    ingested(content)

    assert ids() == ids_of(range(LINES))
    assert counts() == {"inserted": LINES, "unchanged": counted}


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_that_is_being_read_when_its_file_fails_commits_nothing() -> None:
    file = taken_in(receipts(range(LINES)))
    first, second = claims()[:2]
    delete(path_of(file))
    work_on(second)
    file.refresh_from_db()
    assert file.status == "failed"

    landed(file.key, receipts(range(LINES)))  # too late for the first: its lease is gone
    work_on(first)

    assert ids() == set()
    assert counts() == {}
    assert Chunk.objects.exclude(status="abandoned").count() == 0
    assert DeadLetter.objects.count() == 1


def test_a_replaced_file_is_not_read_under_the_old_version(settings: Settings) -> None:
    landed("batch-output/job-1/a.jsonl", receipts([1]))
    version = result_storage().stat("batch-output/job-1/a.jsonl").version
    landed("batch-output/job-1/a.jsonl", jsonl([line(image(1), amount=9)]))

    with pytest.raises(ObjectChanged, match="was replaced in storage"):
        list(result_storage().blocks("batch-output/job-1/a.jsonl", version))
