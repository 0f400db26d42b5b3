"""What bisecting does to the order of lines, to the balance and to the states; and what it refuses."""

from __future__ import annotations

import gzip
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from batches import balance
from batches.models import Chunk, DeadLetter, Job, ResultFile, Transaction
from batches.pipeline.bisect import CannotBisect, bisect_poison
from batches.pipeline.claim import claim_chunk
from batches.pipeline.hand_back import hand_back
from batches.pipeline.work import work_on
from batches.states import ChunkStatus, FileStatus, JobStatus, LetterStatus
from tests.builders import image, ingested, line, run_all, taken_in, transaction_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_attempt(settings: Settings) -> None:
    settings.MAX_ATTEMPTS = 1
    settings.CHUNK_BYTES = 1_200


def poisoned(content: bytes, name: str = "results.jsonl") -> DeadLetter:
    """The file's first chunk is given up, the others go in."""
    taken_in(content, name)
    claim = claim_chunk()
    assert claim is not None
    hand_back(claim.chunk_id, claim.lease, "It died.", passing=False)
    run_all()
    return DeadLetter.objects.get(kind="poison")


def amounts(*said: int, same: int = 0) -> bytes:
    """A line for each amount, each about an image of its own but for those at the places 0 and `same`."""
    return b"".join(line(image(0 if at == same else at), amount=amount) + b"\n" for at, amount in enumerate(said))


def test_the_halves_of_a_chunk_stand_where_it_stood() -> None:
    # The halves are made last and have the highest ids; the line in the later chunk is the later one all the same.
    letter = poisoned(amounts(*range(100, 112), same=11))

    bisect_poison(letter.pk)
    run_all()

    assert Transaction.objects.get(pk=transaction_id(image(0))).amount == 111
    told = balance.of_job(Job.objects.get().pk)
    assert (told.read, told.inserted, told.superseded, told.unread) == (12, 11, 1, 0)


def test_a_line_in_a_half_that_is_later_wins() -> None:
    # The first line goes in with the first half, which is worked on after the second.
    letter = poisoned(amounts(*range(100, 112), same=2))
    first, second = bisect_poison(letter.pk)
    claims = {claim.chunk_id: claim for claim in iter(claim_chunk, None)}

    work_on(claims[second])
    work_on(claims[first])

    assert Transaction.objects.get(pk=transaction_id(image(0))).amount == 102


def test_a_half_does_not_undo_a_later_line_that_repeats_what_is_stored() -> None:
    ingested(amounts(111), "before.jsonl")
    letter = poisoned(amounts(555, *range(101, 111), 111, same=11))

    bisect_poison(letter.pk)
    run_all()

    row = Transaction.objects.get(pk=transaction_id(image(0)))
    assert (int(row.amount), row.revision) == (111, 1)
    told = balance.of_job(Job.objects.get().pk)
    assert (told.read, told.inserted, told.unchanged, told.superseded) == (13, 11, 1, 1)


def test_balance_and_states_follow() -> None:
    content = amounts(*range(100, 112))
    letter = poisoned(content)
    job = Job.objects.get()
    assert (balance.of_job(job.pk).unread, job.status) == (1_200, JobStatus.WITH_LETTERS)

    halves = bisect_poison(letter.pk)

    told = balance.of_job(job.pk)
    assert (told.unread, told.pending, told.size) == (0, 1_200, len(content))
    assert ResultFile.objects.get().status == FileStatus.READING
    assert Job.objects.get().status == JobStatus.RUNNING
    assert DeadLetter.objects.get().status == LetterStatus.RESOLVED
    assert [(half.start, half.end) for half in Chunk.objects.filter(pk__in=halves)] == [
        (0, content.index(b"\n", 600) + 1),
        (content.index(b"\n", 600) + 1, 1_200),
    ]
    run_all()
    assert ResultFile.objects.get().status == FileStatus.FINISHED
    assert set(Chunk.objects.values_list("status", flat=True)) == {ChunkStatus.DONE, ChunkStatus.BISECTED}


def test_a_line_alone_cannot_be_halved(settings: Settings) -> None:
    settings.CHUNK_BYTES = 100
    letter = poisoned(amounts(100, 101))

    with pytest.raises(CannotBisect, match="no more than one line begins"):
        bisect_poison(letter.pk)


def test_a_compressed_file_cannot_be_halved() -> None:
    letter = poisoned(gzip.compress(amounts(*range(100, 112))), "results.jsonl.gz")

    with pytest.raises(CannotBisect, match="compressed"):
        bisect_poison(letter.pk)


def test_twice_is_refused() -> None:
    letter = poisoned(amounts(*range(100, 112)))
    bisect_poison(letter.pk)

    with pytest.raises(CannotBisect, match="is resolved"):
        bisect_poison(letter.pk)


def test_the_command() -> None:
    letter = poisoned(amounts(*range(100, 112)))
    told = StringIO()

    call_command("bisect", str(letter.pk), stdout=told)

    assert told.getvalue().startswith("To be tried: bytes 0 to ")
    with pytest.raises(CommandError, match="is resolved") as refused:
        call_command("bisect", str(letter.pk))
    assert refused.value.returncode == 2
