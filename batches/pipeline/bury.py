"""What could not be taken in becomes a dead letter, in the transaction that counts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import connection, transaction

from batches import kinds
from batches.identity import receipt_digest
from batches.kinds.kind import Kind, Row
from batches.letters.count_new import New, count_new
from batches.letters.fingerprint import problem_of
from batches.letters.groups import ensure_groups
from batches.letters.write_letter import write_letter
from batches.models import Chunk, DeadLetter, ResultFile
from batches.pipeline.claim import Claim
from batches.pipeline.spool import Dead
from batches.states import LetterKind
from monitoring import telemetry

LETTER_COLUMNS = (
    'kind, status, source, job_id, file_id, chunk_id, line, "offset", length, code, field, message, excerpt, record_id,'
    " transaction_id, trace_id, group_id, user_id, amount"
)
COPY_LETTERS = f"COPY batches_deadletter ({LETTER_COLUMNS}) FROM STDIN"
CONFLICT = "reviewed_row_differs"


def group_lines(dead: Sequence[Dead]) -> None:
    """Find each dead line's group, and make the groups that are missing. Before the chunk's transaction begins."""
    problems = [problem_of(LetterKind.LINE, line.code, line.field, line.message) for line in dead]
    for line, problem in zip(dead, problems, strict=True):
        line.group = problem.fingerprint
    ensure_groups(problems)


def bury_lines(claim: Claim, dead: Sequence[Dead]) -> None:
    """One letter for each line that is no record. The key (chunk, line, kind) makes a second one impossible."""
    if not dead:
        return
    row_known = kinds.get(claim.kind).id_of_record
    with telemetry.span("bury", letters=len(dead)):
        _copy_letters(_letter(claim, line, row_known=row_known) for line in dead)
        count_new([New(line.group, line.user_id, line.amount) for line in dead], claim.job_pk)
    transaction.on_commit(partial(_tell, Counter(line.code for line in dead)))


def _copy_letters(letters: Iterable[tuple[object, ...]]) -> None:
    with (
        telemetry.statement("COPY batches_deadletter"),
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(COPY_LETTERS) as copy,
    ):
        for letter in letters:
            copy.write_row(letter)


def _tell(codes: Counter[str]) -> None:
    """A line of the log for each reason."""
    for code, lines in codes.items():
        telemetry.event("lines_buried", code=code, lines=lines)


def bury_conflicts(kind: Kind, claim: Claim, rows: list[Row]) -> None:
    """A letter for each line that differs from a row a person has reviewed, showing both."""
    if not rows:
        return
    messages = [kind.difference(row) for row in rows]
    problems = [problem_of(LetterKind.CONFLICT, CONFLICT, "", message) for message in messages]
    ensure_groups(problems)
    amounts = [kind.amount_of_row(row) for row in rows]
    DeadLetter.objects.bulk_create(
        DeadLetter(
            kind=LetterKind.CONFLICT,
            job_id=claim.job_pk,
            file_id=claim.file_id,
            chunk_id=claim.chunk_id,
            line=row.line,
            code=CONFLICT,
            message=message,
            record_id=row.record_id,
            transaction_id=row.id.hex(),
            trace_id=row.trace_id,
            group_id=problem.fingerprint,
            user_id=row.user_id,
            amount=amount,
        )
        for row, message, problem, amount in zip(rows, messages, problems, amounts, strict=True)
    )
    told = zip(problems, rows, amounts, strict=True)
    count_new([New(problem.fingerprint, row.user_id, amount) for problem, row, amount in told], claim.job_pk)


def bury_file_fault(file_id: int, job_pk: int, code: str, message: str) -> None:
    """A letter about a file as a whole: once for each reason."""
    file = ResultFile.objects.select_related("job").get(pk=file_id)
    write_letter(
        {"kind": LetterKind.FILE, "file_id": file_id, "code": code},
        particulars=(file.key, file.job.job_id),
        job_id=job_pk,
        message=message,
        user_id=file.job.user_id,
    )


def bury_poison(chunk: Chunk, message: str) -> None:
    """A letter for a byte range that could not be worked on however often it was tried."""
    write_letter(
        {"kind": LetterKind.POISON, "chunk_id": chunk.pk, "code": "poison_chunk"},
        job_id=chunk.job_id,
        file_id=chunk.file_id,
        offset=chunk.start,
        length=chunk.end - chunk.start,
        message=message,
        user_id=chunk.job.user_id,
    )


def _letter(claim: Claim, dead: Dead, *, row_known: bool) -> tuple[object, ...]:
    """The values of LETTER_COLUMNS. A line whose record is known names the row it would have become."""
    digest = receipt_digest(claim.job_id, dead.record_id) if dead.record_id else None
    trace_id = dead.trace_id or (digest[:16].hex() if digest else claim.trace_id)
    place = (claim.job_pk, claim.file_id, claim.chunk_id, dead.line, dead.offset, dead.length)
    reason = (dead.code, dead.field, dead.message, dead.excerpt, dead.record_id)
    ids = (digest[:12] if digest and row_known else None, bytes.fromhex(trace_id), bytes.fromhex(dead.group))
    return ("line", "open", "", *place, *reason, *ids, dead.user_id, dead.amount)
