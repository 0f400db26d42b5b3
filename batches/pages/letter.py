"""A dead letter's page: what could not be taken in, why, where it stands, and what belongs to it."""

from __future__ import annotations

from typing import Any

from batches.models import DeadLetter, Transaction
from batches.original_line import has_line
from batches.pages.message import message_of
from batches.pages.numbering import lines_before, number_in_file
from batches.states import LetterKind

WHAT = {
    LetterKind.LINE: "This line could not become a row. It is counted as dead.",
    LetterKind.CONFLICT: "This line differs from a row that a person has reviewed, so the row was kept. "
    "It is counted as superseded, not as dead.",
    LetterKind.FILE: "This is about a file as a whole.",
    LetterKind.EVENT: "An object that landed, or a message about one, could not be placed.",
    LetterKind.IMAGE: "This is about an image that could not be moved. No line is counted here: the row was written.",
    LetterKind.POISON: "A part of a file could not be worked on, however often it was tried: none of its lines counts.",
}


def letter_page(letter: DeadLetter) -> dict[str, Any]:
    before = lines_before([letter.chunk_id]).get(letter.chunk_id or 0)
    row = Transaction.objects.filter(pk=letter.transaction_id).first() if letter.transaction_id else None
    return {
        "letter": letter,
        "what": WHAT[LetterKind(letter.kind)],
        "number": number_in_file(before, letter.line),
        "has_line": has_line(letter),
        "transaction": row,
        "message": message_of(letter),
    }
