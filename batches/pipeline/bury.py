"""What could not be taken in becomes a dead letter, in the transaction that counts it."""

from __future__ import annotations

from collections.abc import Iterable

from batches.identity import receipt_digest
from batches.kinds.kind import Kind, Owner, Row
from batches.models import Chunk, DeadLetter
from batches.pipeline.claim import Claim
from batches.pipeline.spool import Batch, Dead
from batches.states import LetterKind

LETTERS_PER_INSERT = 1000


def bury_lines(claim: Claim, dead: Iterable[Dead], owners: dict[str, Owner]) -> None:
    """One letter for each line that is no record. The key (chunk, line, kind) makes a second one impossible."""
    letters = (_letter(claim, line, owners.get(line.record_id)) for line in dead)
    DeadLetter.objects.bulk_create(letters, batch_size=LETTERS_PER_INSERT)


def bury_conflicts(kind: Kind, claim: Claim, batch: Batch, rows: list[Row]) -> None:
    """A letter for each line that differs from a row a person has reviewed, showing both."""
    records = dict(batch.records) if rows else {}
    DeadLetter.objects.bulk_create(
        DeadLetter(
            kind=LetterKind.CONFLICT,
            job_id=claim.job_pk,
            file_id=claim.file_id,
            chunk_id=claim.chunk_id,
            line=row.line,
            code="reviewed_row_differs",
            message=kind.difference(row.id.hex(), records[row.line]),
            record_id=row.image_id,
            transaction_id=row.id.hex(),
            trace_id=receipt_digest(claim.job_id, row.image_id)[:16].hex(),
        )
        for row in rows
    )


def bury_file_fault(file_id: int, job_pk: int, code: str, message: str) -> None:
    """A letter about a file as a whole: once for each reason."""
    DeadLetter.objects.get_or_create(
        kind=LetterKind.FILE, file_id=file_id, code=code, defaults={"job_id": job_pk, "message": message}
    )


def bury_poison(chunk: Chunk, message: str) -> None:
    """A letter for a byte range that could not be worked on however often it was tried."""
    DeadLetter.objects.get_or_create(
        kind=LetterKind.POISON,
        chunk=chunk,
        code="poison_chunk",
        defaults={
            "job_id": chunk.job_id,
            "file_id": chunk.file_id,
            "offset": chunk.start,
            "length": chunk.end - chunk.start,
            "message": message,
        },
    )


def _letter(claim: Claim, dead: Dead, owner: Owner | None) -> DeadLetter:
    digest = receipt_digest(claim.job_id, dead.record_id) if dead.record_id else None
    return DeadLetter(
        kind=LetterKind.LINE,
        job_id=claim.job_pk,
        file_id=claim.file_id,
        chunk_id=claim.chunk_id,
        line=dead.line,
        offset=dead.offset,
        length=dead.length,
        code=dead.code,
        field=dead.field,
        message=dead.message,
        excerpt=dead.excerpt,
        record_id=dead.record_id,
        transaction_id=digest[:12].hex() if digest else None,
        trace_id=owner.trace_id if owner else digest[:16].hex() if digest else claim.trace_id,
    )
