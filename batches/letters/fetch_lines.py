"""The original lines of letters, from storage: by byte range, near ranges of one file in one stream.

No transaction may be open. 3,000 letters of one file are not 3,000 requests, and a gzip file, which cannot be entered
in the middle, is streamed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from django.conf import settings

from batches.formats.lines import Line, LineReader
from batches.models import Chunk, DeadLetter, ResultFile
from batches.original_line import blocks_of
from storage.port import ObjectChanged, StorageFault

# Between two lines, what is read and thrown away costs less than another request.
NEAR_BYTES = 2**20

Fetched = Line | StorageFault


def fetch_lines(letters: Iterable[DeadLetter]) -> Iterator[tuple[DeadLetter, Fetched]]:
    """Each letter with its line, or with why the bytes that were counted cannot be had any more.

    The letters are about lines, with their chunk and its file at hand. StorageAway passes through: it may pass.
    """
    by_file: defaultdict[ResultFile, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        by_file[chunk_of(letter).file].append(letter)
    for file, its in by_file.items():
        placed = [letter for letter in its if letter.offset is not None]
        yield from _or_fault(_by_range(file, placed), placed)
        numbered = [letter for letter in its if letter.offset is None]
        yield from _or_fault(_by_number(numbered), numbered)


def chunk_of(letter: DeadLetter) -> Chunk:
    """Where the line of a letter of kind line or conflict stands."""
    if letter.chunk is None:
        raise ValueError(f"Letter {letter.pk} is of kind {letter.kind}: it is not about a line.")
    return letter.chunk


def _or_fault(
    lines: Iterator[tuple[DeadLetter, Line]], letters: list[DeadLetter]
) -> Iterator[tuple[DeadLetter, Fetched]]:
    """The file is gone or another: that is said of each of its letters that was not read yet."""
    left = {letter.pk: letter for letter in letters}
    try:
        for letter, line in lines:
            del left[letter.pk]
            yield letter, line
    except StorageFault as fault:
        if fault.retryable:
            raise
        yield from ((letter, fault) for letter in left.values())


def _by_range(file: ResultFile, letters: list[DeadLetter]) -> Iterator[tuple[DeadLetter, Line]]:
    stream: _Stream | None = None
    for letter in sorted(letters, key=lambda each: (each.offset, each.pk)):
        offset, length = letter.offset or 0, letter.length or 0
        if length > settings.MAX_LINE_BYTES:
            yield letter, Line(offset, letter.line or 0, length, None, letter.excerpt.encode("utf-8", "replace"))
            continue
        if stream is None or not stream.near(offset):
            stream = _Stream(file, offset)
        yield letter, Line(offset, letter.line or 0, length, stream.take(offset, length))


class _Stream:
    """A file read forwards: what lies between two lines is skipped."""

    def __init__(self, file: ResultFile, start: int) -> None:
        self._file = file
        self._at = 0 if file.compressed else start
        self._blocks = blocks_of(file, self._at)
        self._block = b""

    def near(self, offset: int) -> bool:
        return self._at <= offset and (self._file.compressed or offset <= self._at + len(self._block) + NEAR_BYTES)

    def take(self, offset: int, length: int) -> bytes:
        while self._at + len(self._block) <= offset:
            self._at += len(self._block)
            self._block = self._next()
        parts, wanted = [self._block[offset - self._at :]], offset + length - self._at - len(self._block)
        while wanted > 0:
            self._at += len(self._block)
            self._block = self._next()
            parts.append(self._block)
            wanted -= len(self._block)
        # The last block is kept: what is in it beyond this line may be the next one's.
        return b"".join(parts)[:length]

    def _next(self) -> bytes:
        if (block := next(self._blocks, None)) is None:
            raise ObjectChanged(f"{self._file.key} ends before this line: it is not the object that was counted.")
        return block


def _by_number(letters: list[DeadLetter]) -> Iterator[tuple[DeadLetter, Line]]:
    """A letter of a conflict knows its chunk and number only: the chunk is read up to there."""
    ordered = sorted(letters, key=lambda each: (each.chunk_id or 0, each.line or 0))
    for _, its in groupby(ordered, key=lambda each: each.chunk_id):
        wanted = list(its)
        chunk = chunk_of(wanted[0])
        lines = _lines(chunk)
        for letter in wanted:
            found = next((line for line in lines if line.number == letter.line), None)
            if found is None:
                raise ObjectChanged(f"{chunk.file.key} has no line {letter.line} there: it is not what was counted.")
            yield letter, found


def _lines(chunk: Chunk) -> Iterator[Line]:
    file = chunk.file
    start, end = (0, None) if file.compressed else (chunk.start, chunk.end)
    blocks = blocks_of(file, max(0, start - 1))
    return iter(LineReader(blocks, start=start, end=end, max_line_bytes=settings.MAX_LINE_BYTES))
