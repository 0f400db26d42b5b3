"""What becomes of a line whose id is already in the table. Pure rules, no database.

The rules do not depend on which chunk commits first: the later line of a file wins, and takes over the outcome that
the earlier one was counted with.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from batches.kinds.kind import Row


class Known(NamedTuple):
    """The row in the table, as far as the rules need it."""

    content: int
    chunk_id: int
    line: int
    revision: int
    reviewed: bool


class Outcome(Enum):
    UPDATED = auto()
    UNCHANGED = auto()
    SUPERSEDED = auto()
    CONFLICT = auto()  # counted as superseded, with a letter that shows both
    TAKEN_OVER = auto()  # an earlier line of this file wrote the row: this line is counted in its place


def settle(row: Row, known: Known, chunk_id: int, starts: Mapping[int, int]) -> Outcome:
    """The outcome of a line of chunk `chunk_id`; `starts` tells where each chunk of its file begins.

    Lines are ordered by where their chunk begins, not by its id: the halves of a bisected chunk are made last.
    """
    same_file = known.chunk_id in starts
    if same_file and (starts[known.chunk_id], known.line) > (starts[chunk_id], row.line):
        return Outcome.SUPERSEDED
    if row.content != known.content and known.reviewed:
        return Outcome.CONFLICT
    if same_file:
        return Outcome.TAKEN_OVER
    return Outcome.UNCHANGED if row.content == known.content else Outcome.UPDATED
