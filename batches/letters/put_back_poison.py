"""A poison letter: its range is halved, and the halves are tried."""

from __future__ import annotations

from batches.letters.became import Became, put_right, unreadable
from batches.models import DeadLetter
from batches.pipeline.bisect import CannotBisect, bisect_poison
from storage.port import ObjectChanged, ObjectMissing


def put_back_poison(letter: DeadLetter) -> Became:
    try:
        halves = bisect_poison(letter.pk)
    except (CannotBisect, ObjectChanged, ObjectMissing) as fault:
        return unreadable(str(fault))
    return put_right("bisected", f"Its bytes are tried again as chunks {' and '.join(map(str, halves))}.")
