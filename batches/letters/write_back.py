"""Tried lines are written by the engine's own rules, from their old places, and counted anew with their chunks.

A line of kind `line` was counted as dead, one of kind `conflict` as superseded: it moves to what it is now, so the
balance holds at every moment and `dead` stays the number of lines not yet put right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BinaryField, F, Func, Value
from django.db.models.functions import Coalesce

from batches import kinds
from batches.kinds.kind import Row
from batches.letters.try_lines import Tried, TriedChunk
from batches.models import Chunk, DeadLetter
from batches.models.chunk import COUNTERS
from batches.pipeline.merge import Settled, merge_settled
from batches.pipeline.settle import Outcome
from batches.pipeline.spool import Dead
from batches.pipeline.tally import Tally
from batches.states import LetterKind

NAMES = {Outcome.UPDATED: "updated", Outcome.UNCHANGED: "unchanged", Outcome.SUPERSEDED: "superseded"}


@dataclass
class Written:
    """Letters put right, with what their lines are counted as; and those that failed again, with what they are now."""

    right: dict[int, str] = field(default_factory=dict)
    dead: list[tuple[DeadLetter, Dead]] = field(default_factory=list)
    conflicts: list[tuple[DeadLetter, Row]] = field(default_factory=list)


def write_back(tried: Tried) -> Written:
    """Write what was tried. In the caller's transaction, which holds the letters, all of them open."""
    written = Written()
    for chunk in tried.chunks:
        _write_chunk(chunk, written)
    return written


def _write_chunk(chunk: TriedChunk, written: Written) -> None:
    tally = Tally()
    settled = merge_settled(kinds.get(chunk.claim.kind), chunk.claim, chunk.batch.rows, tally)
    _count_anew(chunk, tally)
    for row, name in _outcomes(settled):
        written.right[chunk.letters[row.line].pk] = name
    written.conflicts += [(chunk.letters[row.line], row) for row in settled.by[Outcome.CONFLICT]]
    written.dead += [(chunk.letters[line.line], line) for line in chunk.batch.dead]
    # The same record twice among these lines: the later one was written.
    settled_otherwise = {row.line for row in chunk.batch.rows} | {line.line for line in chunk.batch.dead}
    for number in chunk.numbers:
        if number not in settled_otherwise:
            written.right[chunk.letters[number].pk] = "superseded"


def _outcomes(settled: Settled) -> Iterator[tuple[Row, str]]:
    yield from ((row, "inserted") for row in settled.new)
    for outcome, name in NAMES.items():
        yield from ((row, name) for row in settled.by[outcome])
    for row in settled.by[Outcome.TAKEN_OVER]:
        yield row, "unchanged" if settled.known[row.id].content == row.content else "updated"


def _count_anew(chunk: TriedChunk, tally: Tally) -> None:
    tally.dead += len(chunk.batch.dead)
    tally.superseded += chunk.batch.repeated
    for letter in chunk.letters.values():
        if letter.kind == LetterKind.CONFLICT:
            tally.superseded -= 1
        else:
            tally.dead -= 1
    moved: dict[str, Any] = {name: F(name) + number for name in COUNTERS if (number := getattr(tally, name))}
    if tally.unchanged_ids:
        # An earlier line that is put back after this one must not be written over what this one says.
        moved["unchanged_ids"] = _appended(bytes(tally.unchanged_ids))
    if moved:
        Chunk.objects.filter(pk=chunk.claim.chunk_id).update(**moved)


def _appended(ids: bytes) -> Func:
    before = Coalesce(F("unchanged_ids"), Value(b""), output_field=BinaryField())
    return Func(before, Value(ids), template="%(expressions)s", arg_joiner=" || ", output_field=BinaryField())
