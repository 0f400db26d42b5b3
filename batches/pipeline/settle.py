"""What becomes of a line whose id is already in the table. Pure rules, no database.

The rules do not depend on which chunk commits first: the later line of a job wins, by file, then by where its chunk
begins, then by its number. Within a file it takes over the outcome that the earlier one was counted with.
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
    reviewed: bool  # a person has decided about it


class Place(NamedTuple):
    """Where a chunk's lines stand among the job's, whatever order they are worked on. `start` in bytes."""

    file_id: int
    start: int


class Outcome(Enum):
    UPDATED = auto()
    UNCHANGED = auto()
    SUPERSEDED = auto()
    CONFLICT = auto()  # counted as superseded, with a letter that shows both
    TAKEN_OVER = auto()  # an earlier line of this file wrote the row: this line is counted in its place


def settle(row: Row, known: Known, chunk_id: int, places: Mapping[int, Place]) -> Outcome:
    """The outcome of a line of chunk `chunk_id`; `places` has that chunk and the one whose line wrote the row.

    Files are ordered as they were received. Chunks are ordered by where they begin, not by their ids: the halves of a
    bisected one are made last. A line that is put back later than others (a redrive) keeps its old place.
    """
    ours, theirs = places[chunk_id], places[known.chunk_id]
    same_file = theirs.file_id == ours.file_id
    if not same_file and row.content == known.content:
        return Outcome.UNCHANGED
    if (theirs, known.line) > (ours, row.line):
        return Outcome.SUPERSEDED
    if row.content != known.content and known.reviewed:
        return Outcome.CONFLICT
    return Outcome.TAKEN_OVER if same_file else Outcome.UPDATED
