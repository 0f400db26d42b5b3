"""Letters that are not about a line: each kind has one verb that puts such a letter back.

Such a verb has transactions and requests of its own, so it is called outside of any, for one letter at a time. It must
be safe to call again: a worker may die between the verb's commit and ours.
"""

from __future__ import annotations

from collections.abc import Callable

from batches.letters.became import Became, put_right, skipped
from batches.letters.put_back_event import put_back_event
from batches.letters.put_back_file import put_back_file
from batches.letters.put_back_image import put_back_image
from batches.letters.put_back_poison import put_back_poison
from batches.models import DeadLetter
from batches.states import LetterKind, LetterStatus

PutBack = Callable[[DeadLetter], Became]

_VERBS: dict[str, PutBack] = {
    LetterKind.POISON: put_back_poison,
    LetterKind.EVENT: put_back_event,
    LetterKind.FILE: put_back_file,
    LetterKind.IMAGE: put_back_image,
}


def put_back(letter: DeadLetter, *, begun_before: bool) -> Became:
    """Put one letter back by its kind's verb."""
    if letter.status == LetterStatus.RESOLVED and begun_before:
        # Our own earlier try, whose worker died before it could say so.
        return put_right("done", "Put right by an earlier try of this redrive.")
    if letter.status != LetterStatus.OPEN:
        return skipped(f"The letter is {letter.status} by now.")
    if letter.kind not in _VERBS:
        return skipped(f"A letter of kind {letter.kind} cannot be put back: act on its message, then discard it.")
    return _VERBS[letter.kind](letter)
