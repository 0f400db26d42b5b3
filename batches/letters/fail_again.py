"""A letter that failed again is replaced by a child: the old one keeps its history, the new one says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from batches import kinds
from batches.identity import receipt_digest
from batches.kinds.kind import Row
from batches.letters.close import close_letters
from batches.letters.count_new import New, count_new
from batches.letters.fetch_lines import chunk_of
from batches.letters.fingerprint import problem_of
from batches.letters.groups import ensure_groups
from batches.letters.write_back import Written
from batches.models import DeadLetter, LetterEvent, Redrive
from batches.pipeline.bury import CONFLICT
from batches.pipeline.spool import Dead
from batches.states import LetterKind, LetterStatus


def fail_again(redrive: Redrive, written: Written) -> dict[int, DeadLetter]:
    """The children by their parents' ids; the parents are replaced. In the transaction that tried them."""
    children = {child.parent_id or 0: child for child in (*_of_dead(written.dead), *_of_conflicts(written.conflicts))}
    if not children:
        return {}
    DeadLetter.objects.bulk_create(children.values())
    _count(children.values())
    told = {parent: f"Failed again, as letter {child.pk}: {child.message}" for parent, child in children.items()}
    close_letters(
        told, LetterStatus.REPLACED, event="failed_again", message=told, actor=redrive.created_by, redrive=redrive.pk
    )
    LetterEvent.objects.bulk_create(
        LetterEvent(
            letter=child,
            name="came_of",
            message=f"What is left of letter {parent}, which was tried again.",
            redrive=redrive,
            actor_id=redrive.created_by_id,
        )
        for parent, child in children.items()
    )
    return children


def _of_dead(failed: Sequence[tuple[DeadLetter, Dead]]) -> Iterator[DeadLetter]:
    for parent, dead in failed:
        record_id = dead.record_id or parent.record_id
        job = chunk_of(parent).job
        digest = receipt_digest(job.job_id, record_id) if record_id and kinds.get(job.kind).id_of_record else None
        yield DeadLetter(
            **_place(parent),
            kind=LetterKind.LINE,
            offset=dead.offset,
            length=dead.length,
            code=dead.code,
            field=dead.field,
            message=dead.message,
            excerpt=dead.excerpt or parent.excerpt,
            record_id=record_id,
            transaction_id=digest[:12].hex() if digest else None,
            trace_id=dead.trace_id or parent.trace_id,
            group_id=dead.group,
            user_id=dead.user_id or parent.user_id,
            amount=dead.amount if dead.amount is not None else parent.amount,
        )


def _of_conflicts(failed: Sequence[tuple[DeadLetter, Row]]) -> list[DeadLetter]:
    children, problems = [], []
    for parent, row in failed:
        kind = kinds.get(chunk_of(parent).job.kind)
        message = kind.difference(row)
        problem = problem_of(LetterKind.CONFLICT, CONFLICT, "", message)
        problems.append(problem)
        values: dict[str, Any] = {"code": CONFLICT, "message": message, "group_id": problem.fingerprint}
        values |= {"record_id": row.record_id, "transaction_id": row.id.hex(), "trace_id": row.trace_id}
        values |= {"user_id": row.user_id, "amount": kind.amount_of_row(row)}
        # Of a line its bytes are known: the next try need not look for them by number.
        children.append(
            DeadLetter(**_place(parent), kind=LetterKind.CONFLICT, offset=parent.offset, length=parent.length, **values)
        )
    ensure_groups(problems)
    return children


def _place(parent: DeadLetter) -> dict[str, Any]:
    names = ("job_id", "file_id", "chunk_id", "line", "source")
    return {"parent_id": parent.pk, **{name: getattr(parent, name) for name in names}}


def _count(children: Iterable[DeadLetter]) -> None:
    ordered = sorted(children, key=lambda child: child.job_id or 0)
    for job_pk, its in groupby(ordered, key=lambda child: child.job_id):
        count_new([New(str(child.group_id), child.user_id, child.amount) for child in its], job_pk)
