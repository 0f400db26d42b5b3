"""What could not be taken in becomes a dead letter, in the transaction that counts it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from batches.identity import receipt_digest
from batches.kinds.kind import Kind, Row
from batches.models import Chunk, DeadLetter
from batches.pipeline.claim import Claim
from batches.pipeline.spool import Dead
from batches.states import LetterKind

LETTER_COLUMNS = (
    'kind, status, source, job_id, file_id, chunk_id, line, "offset", length, code, field, message, excerpt, record_id,'
    " transaction_id, trace_id"
)
COPY_LETTERS = f"COPY batches_deadletter ({LETTER_COLUMNS}) FROM STDIN"


def bury_lines(claim: Claim, dead: Sequence[Dead]) -> None:
    """One letter for each line that is no record. The key (chunk, line, kind) makes a second one impossible."""
    if not dead:
        return
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(COPY_LETTERS) as copy:
        for line in dead:
            copy.write_row(_letter(claim, line))


def bury_conflicts(kind: Kind, claim: Claim, rows: list[Row]) -> None:
    """A letter for each line that differs from a row a person has reviewed, showing both."""
    DeadLetter.objects.bulk_create(
        DeadLetter(
            kind=LetterKind.CONFLICT,
            job_id=claim.job_pk,
            file_id=claim.file_id,
            chunk_id=claim.chunk_id,
            line=row.line,
            code="reviewed_row_differs",
            message=kind.difference(row),
            record_id=row.image_id,
            transaction_id=row.id.hex(),
            trace_id=row.trace_id,
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


def _letter(claim: Claim, dead: Dead) -> tuple[object, ...]:
    """The values of LETTER_COLUMNS. A line whose image is known names the transaction it would have become."""
    digest = receipt_digest(claim.job_id, dead.record_id) if dead.record_id else None
    trace_id = dead.trace_id or (digest[:16].hex() if digest else claim.trace_id)
    place = (claim.job_pk, claim.file_id, claim.chunk_id, dead.line, dead.offset, dead.length)
    reason = (dead.code, dead.field, dead.message, dead.excerpt, dead.record_id)
    return ("line", "open", "", *place, *reason, digest[:12] if digest else None, bytes.fromhex(trace_id))
