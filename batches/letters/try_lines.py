"""Letters' lines are fetched, patched and decoded once more: all of a try that needs no transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from batches import kinds
from batches.formats.lines import Line
from batches.letters.fetch_lines import chunk_of, fetch_lines
from batches.letters.patched_line import answer_text, patched_line
from batches.letters.rule_chain import rule_chains
from batches.models import DeadLetter
from batches.pipeline.claim import Claim, claim_of
from batches.pipeline.make_rows import make_rows
from batches.pipeline.parse import decoded
from batches.pipeline.spool import Batch, Dead
from storage.port import StorageFault

LETTERS = DeadLetter.objects.select_related("chunk__file", "chunk__job")


@dataclass
class TriedChunk:
    """The letters of one chunk, by the numbers of their lines, and what these lines are now."""

    claim: Claim
    letters: dict[int, DeadLetter] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)  # of `records`
    records: list[Any] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)
    batch: Batch = field(default_factory=lambda: Batch([], 0, []))


@dataclass
class Tried:
    """`chunks` in the job's order; `faults`: why a letter's bytes cannot be had, by letter; `answers` likewise, the
    model's text before and after patching, where they were asked for.
    """

    chunks: list[TriedChunk]
    faults: dict[int, str]
    answers: dict[int, tuple[str, str]]

    @property
    def letters(self) -> list[DeadLetter]:
        return [letter for chunk in self.chunks for letter in chunk.letters.values()]


def try_lines(letters: Sequence[DeadLetter], operations: Sequence[Any], *, with_answers: bool = False) -> Tried:
    """Decode the lines of these letters, as LETTERS loads them. StorageAway when their bytes cannot be read now."""
    chains = rule_chains([letter.pk for letter in letters], operations)
    chunks: dict[int, TriedChunk] = {}
    tried = Tried([], {}, {})
    for letter, fetched in fetch_lines(letters):
        if isinstance(fetched, StorageFault):
            tried.faults[letter.pk] = str(fetched)
            continue
        line = _patched(fetched, chains[letter.pk], letter)
        if with_answers:
            tried.answers[letter.pk] = answer_text(fetched.data or b""), answer_text(line.data or b"")
        _decode(_chunk_of(letter, chunks), letter, line)
    # In one order for everybody: two redrives of one job meet in the same order.
    tried.chunks = sorted(chunks.values(), key=lambda each: (each.claim.job_pk, each.claim.file_id, each.claim.start))
    return tried


def make_tried_rows(tried: Tried) -> Tried:
    """Decoded lines become rows. Best outside a transaction; a dry run, which must leave nothing, has it inside: it
    makes the groups that failing lines would join.
    """
    for chunk in tried.chunks:
        chunk.batch = make_rows(chunk.claim, chunk.numbers, chunk.records, chunk.dead)
    return tried


def _patched(line: Line, chain: Sequence[Any], letter: DeadLetter) -> Line:
    if not chain:
        return line
    data = patched_line(line.data or b"", chain, record_id=letter.record_id)
    # A line that is too long to be read can still be answered by a person.
    return Line(line.offset, line.number, line.length, data if line.data is not None or data else None, line.head)


def _chunk_of(letter: DeadLetter, chunks: dict[int, TriedChunk]) -> TriedChunk:
    chunk = chunk_of(letter)
    if chunk.pk not in chunks:
        chunks[chunk.pk] = TriedChunk(claim_of(chunk, lease=0, attempts=0))
    return chunks[chunk.pk]


def _decode(chunk: TriedChunk, letter: DeadLetter, line: Line) -> None:
    numbers, records, dead = decoded(kinds.get(chunk.claim.kind), iter([line])) or ([], [], [])
    chunk.letters[line.number] = letter
    chunk.numbers += numbers
    chunk.records += records
    chunk.dead += dead
