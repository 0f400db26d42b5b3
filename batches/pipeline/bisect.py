"""A poisoned chunk is halved, and its halves are tried: so the line that kills is found, and the others go in."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from batches.formats.lines import LineReader
from batches.letters.close import close_letters
from batches.models import Chunk, DeadLetter, Job, ResultFile
from batches.pipeline.brief_transaction import brief_transaction
from batches.pipeline.start_job import start_job
from batches.pipeline.wake import wake_workers
from batches.states import ChunkStatus, FileStatus, LetterKind, LetterStatus, before
from monitoring import telemetry
from storage import result_storage


class CannotBisect(Exception):
    """In a sentence: why this letter cannot be bisected, and what to do instead."""


def bisect_poison(letter_id: int) -> list[int]:
    """Replace the letter's poisoned chunk by two pending ones of about half its bytes, and return their ids.

    Each half has at least one line. CannotBisect when there is nothing to halve; StorageFault when the bytes, which
    are looked through for the ends of lines, cannot be had.
    """
    chunk = _poisoned_chunk(letter_id)
    cut = _cut(chunk)
    with brief_transaction():
        # File before job, as in `finish_file` and `fail_file`; the job is held so that it cannot finish meanwhile.
        file = ResultFile.objects.select_for_update().get(pk=chunk.file_id)
        job = Job.objects.select_for_update().get(pk=chunk.job_id)
        _retire(chunk)
        _read_again(file)
        start_job(job)
        halves = _halves(chunk, cut)
        ranges = f"Its bytes are tried again as two chunks, cut at {cut:,}."
        close_letters([letter_id], LetterStatus.RESOLVED, event="bisected", message=ranges)
        transaction.on_commit(lambda: wake_workers(len(halves)))
    telemetry.event("chunk_bisected", job=job.job_id, chunk=chunk.pk, cut=cut)
    return halves


def _poisoned_chunk(letter_id: int) -> Chunk:
    letter = DeadLetter.objects.filter(pk=letter_id).select_related("chunk__file").first()
    if letter is None or letter.kind != LetterKind.POISON or letter.chunk is None:
        raise CannotBisect(f"{letter_id} is not a dead letter of kind poison: only those have a range to bisect.")
    if letter.status != LetterStatus.OPEN or letter.chunk.status != ChunkStatus.POISONED:
        raise CannotBisect(f"Letter {letter_id} is {letter.status}: only an open one can be bisected.")
    if letter.chunk.file.compressed:
        raise CannotBisect(
            f"{letter.chunk.file.key} is compressed, so it cannot be read from the middle: take it in again unpacked."
        )
    return letter.chunk


def _cut(chunk: Chunk) -> int:
    """Where the first line of the second half begins: the first beyond the middle, else the last there is."""
    file, cut, lines = chunk.file, 0, 0
    blocks = result_storage(file.bucket).blocks(file.key, file.version, max(0, chunk.start - 1))
    reader = LineReader(blocks, start=chunk.start, end=chunk.end, max_line_bytes=settings.MAX_LINE_BYTES)
    for line in reader:
        cut, lines = line.offset, lines + 1
        if lines > 1 and cut >= (chunk.start + chunk.end) // 2:
            break
    if lines < 2:
        raise CannotBisect(
            f"In bytes {chunk.start:,} to {chunk.end:,} of {file.key} no more than one line begins: it is the one that"
            " cannot be taken in. Look at it, and discard the letter or send the record again."
        )
    return cut


def _retire(chunk: Chunk) -> None:
    retired = Chunk.objects.filter(pk=chunk.pk, status__in=before(ChunkStatus.BISECTED)).update(
        status=ChunkStatus.BISECTED, finished_at=Now()
    )
    if not retired:
        raise CannotBisect("Somebody else has bisected this chunk just now.")


def _read_again(file: ResultFile) -> None:
    """A finished file is being read again; one that is still being read goes on."""
    if file.status == FileStatus.FAILED:
        raise CannotBisect(f"{file.key} could not be read to its end: {file.failure}")
    ResultFile.objects.filter(pk=file.pk, status__in=before(FileStatus.READING)).update(
        status=FileStatus.READING, finished_at=None
    )


def _halves(chunk: Chunk, cut: int) -> list[int]:
    last: int = Chunk.objects.filter(file=chunk.file_id).aggregate(last=Max("ordinal"))["last"]
    ranges = [(chunk.start, cut), (cut, chunk.end)]
    return [
        Chunk.objects.create(file=chunk.file, job_id=chunk.job_id, ordinal=ordinal, start=start, end=end).pk
        for ordinal, (start, end) in enumerate(ranges, last + 1)
    ]
