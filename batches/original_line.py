"""The line as it stands in the result file, streamed from storage: nothing of it was copied into the database."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Protocol

from django.conf import settings

from batches.formats.gunzip import CorruptGzip, TruncatedGzip, gunzip
from batches.formats.lines import LineReader
from batches.models import Chunk, DeadLetter, ResultFile
from batches.states import LetterKind
from storage import result_storage
from storage.port import ObjectChanged


def has_line(letter: DeadLetter) -> bool:
    return letter.kind in (LetterKind.LINE, LetterKind.CONFLICT) and letter.chunk_id is not None


def of_letter(letter: DeadLetter) -> Iterator[bytes]:
    """StorageFault before the first block, when the bytes that were counted cannot be had any more."""
    if letter.file is not None and letter.offset is not None and letter.length is not None:
        return _started(_range(letter.file, letter.offset, letter.length))
    if letter.chunk is None or letter.line is None:
        raise ValueError(f"Letter {letter.pk} is not about a line: ask has_line first.")
    return _started(_numbered(letter.chunk, letter.line))


class FromLine(Protocol):
    """A row of any kind: it remembers its chunk and its line there."""

    chunk: Any
    line: Any


def of_row(row: FromLine) -> Iterator[bytes]:
    """As `of_letter`. Its chunk is read up to there."""
    return _started(_numbered(row.chunk, row.line))


def _started(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The first block is fetched at once: a fault can still become a page that explains it."""
    first = next(blocks, b"")
    return chain([first], blocks)


def _range(file: ResultFile, offset: int, length: int) -> Iterator[bytes]:
    skip = offset if file.compressed else 0
    for block in blocks_of(file, 0 if file.compressed else offset):
        if skip >= len(block):
            skip -= len(block)
            continue
        part = block[skip : skip + length]
        skip, length = 0, length - len(part)
        yield part
        if not length:
            return


def _numbered(chunk: Chunk, number: int) -> Iterator[bytes]:
    file = chunk.file
    start, end = (0, None) if file.compressed else (chunk.start, chunk.end)
    blocks = blocks_of(file, 0 if file.compressed else max(0, chunk.start - 1))
    for line in LineReader(blocks, start=start, end=end, max_line_bytes=settings.MAX_LINE_BYTES):
        if line.number == number:
            yield line.data if line.data is not None else line.head
            return


def blocks_of(file: ResultFile, start: int) -> Iterator[bytes]:
    """The file's bytes from `start` on; of a gzip file its decompressed ones, which is what offsets count."""
    blocks = result_storage(file.bucket).blocks(file.key, file.version, start)
    try:
        yield from gunzip(blocks) if file.compressed else blocks
    except (TruncatedGzip, CorruptGzip) as fault:
        raise ObjectChanged(f"{file.key} cannot be unpacked up to this line: {fault}") from fault
