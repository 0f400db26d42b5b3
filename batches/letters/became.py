"""What became of one letter that was tried again."""

from __future__ import annotations

from typing import NamedTuple

from batches.states import ItemStatus

SENTENCES = {
    "inserted": "Put right: the row was inserted.",
    "updated": "Put right: the row was updated.",
    "unchanged": "Put right: the row was there already, with the same content.",
    "superseded": "Put right: a later line of the job says otherwise, and it holds.",
}


class Became(NamedTuple):
    """`outcome` for machines, `message` for people. `same_reason`: it failed for what it had failed for before."""

    status: ItemStatus
    outcome: str
    message: str
    same_reason: bool = False


def put_right(outcome: str, message: str = "") -> Became:
    return Became(ItemStatus.PUT_RIGHT, outcome, message or SENTENCES[outcome])


def unreadable(message: str) -> Became:
    """The letter is kept as it is: nothing could be tried."""
    return Became(ItemStatus.FAILED, "unreadable", f"{message} The letter is kept.")


def skipped(message: str) -> Became:
    return Became(ItemStatus.SKIPPED, "skipped", message)
