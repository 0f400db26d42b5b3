"""One letter, with its group and its tally: the way for letters that come singly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from batches.letters.count_new import New, count_new
from batches.letters.fingerprint import problem_of
from batches.letters.groups import ensure_groups
from batches.models import DeadLetter, Job
from batches.states import JobStatus

# What a child has of its parent: where the line stands, and what it is about.
INHERITED = (
    "kind", "job_id", "file_id", "chunk_id", "line", "offset", "length", "source", "record_id", "transaction_id",
    "trace_id", "user_id", "amount",
)  # fmt: skip


def write_letter(
    identity: Mapping[str, Any], *, particulars: Iterable[str] = (), **values: Any
) -> tuple[DeadLetter, bool]:
    """The letter of this identity, and whether it was written just now. A second time changes nothing.

    `values` are its other columns; `particulars` see `problem_of`. Safe inside a transaction and outside one.
    """
    with transaction.atomic():
        return _written(dict(identity), tuple(particulars), values)


def write_child(parent: DeadLetter, *, particulars: Iterable[str] = (), **values: Any) -> tuple[DeadLetter, bool]:
    """The letter of a line that was tried again and failed again: it stands where its parent stood, for other reasons.

    `values` are what differs: `code`, `field`, `message`, `excerpt`, `amount`. Whoever calls this closes the parent
    as replaced in the same transaction (`close_letters`).
    """
    inherited = {name: getattr(parent, name) for name in INHERITED}
    return write_letter({"parent_id": parent.pk}, particulars=particulars, **(inherited | values))


def _written(identity: dict[str, Any], particulars: tuple[str, ...], values: dict[str, Any]) -> tuple[DeadLetter, bool]:
    if found := DeadLetter.objects.filter(**identity).first():
        return found, False
    columns = identity | values
    problem = problem_of(columns["kind"], columns["code"], columns.get("field", ""), columns["message"], particulars)
    ensure_groups([problem])
    # Somebody else may write it at the same moment: the unique key decides, and who loses gets the other's.
    letter, created = DeadLetter.objects.get_or_create(**identity, defaults={**values, "group_id": problem.fingerprint})
    if created:
        count_new([New(problem.fingerprint, letter.user_id, letter.amount)], letter.job_id)
        _tell_job(letter)
    return letter, created


def _tell_job(letter: DeadLetter) -> None:
    """The letter may come after its job was finished. A running job sees its letters when it finishes."""
    if letter.job_id is not None:
        Job.objects.filter(pk=letter.job_id, status=JobStatus.FINISHED).update(status=JobStatus.WITH_LETTERS)
