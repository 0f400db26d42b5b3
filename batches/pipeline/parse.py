"""A chunk's bytes become rows and dead lines: read, decoded, one outcome for each line. No transaction is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings

from batches import kinds
from batches.formats.gunzip import CorruptGzip, TruncatedGzip, gunzip
from batches.formats.lines import Line, LineReader
from batches.formats.rejection import Code, Rejection, excerpt
from batches.kinds.kind import Kind
from batches.pipeline import stop_sign
from batches.pipeline.claim import Claim
from batches.pipeline.make_rows import make_rows
from batches.pipeline.spool import BATCH_LINES, Batch, Dead, Spool
from storage import result_storage
from storage.read_ahead import read_ahead

# A file as a whole can be at fault; its readable lines go in all the same.
GZIP_FAULTS = {TruncatedGzip: "truncated_gzip", CorruptGzip: "corrupt_gzip"}


class FileFault(NamedTuple):
    code: str
    message: str


class Parsed(NamedTuple):
    spool: Spool
    read: int
    physical_lines: int
    fault: FileFault | None


def parse_chunk(claim: Claim) -> Parsed:
    """Read and decode all lines that begin in the chunk. StorageFault when its bytes cannot be had."""
    spool, read, faults = Spool(), 0, list[FileFault]()
    blocks = result_storage(claim.bucket).blocks(claim.key, claim.version, max(0, claim.start - 1))
    with closing(read_ahead(blocks)) as ahead:
        lines = _lines(claim, ahead)
        for batch in _batches(claim, _until_fault(lines, faults)):
            read += batch.lines
            spool.add(batch)
    return Parsed(spool, read, lines.physical, faults[0] if faults else None)


def _lines(claim: Claim, blocks: Iterator[bytes]) -> LineReader:
    # A gzip file is read from its beginning, and has no end that is known before.
    if claim.compressed:
        return LineReader(gunzip(blocks), start=0, end=None, max_line_bytes=settings.MAX_LINE_BYTES)
    return LineReader(blocks, start=claim.start, end=claim.end, max_line_bytes=settings.MAX_LINE_BYTES)


def _until_fault(lines: LineReader, faults: list[FileFault]) -> Iterator[Line]:
    try:
        yield from lines
    except (TruncatedGzip, CorruptGzip) as broken:
        faults.append(FileFault(GZIP_FAULTS[type(broken)], f"{broken} {lines.physical} lines could be read."))


def _batches(claim: Claim, lines: Iterator[Line]) -> Iterator[Batch]:
    kind = kinds.get(claim.kind)
    while some := decoded(kind, islice(lines, BATCH_LINES)):
        batch = make_rows(claim, *some)
        yield batch
        if batch.lines == BATCH_LINES:
            stop_sign.heed()  # a long gzip file; what fits one batch is done sooner than done again


def decoded(kind: Kind, lines: Iterator[Line]) -> tuple[list[int], list[Any], list[Dead]] | None:
    """The lines' numbers and records, side by side, and the lines that are none.

    Not as pairs: each would be one more object for the garbage collector to look at, again and again while the batch
    grows, which cost a tenth of the whole.
    """
    decode = kind.decode
    numbers: list[int] = []
    records: list[Any] = []
    dead: list[Dead] = []
    places: dict[int, tuple[int, int]] = {}
    if kind.refuse is not None:
        lines = _noted(lines, places)
    for line in lines:
        record = _too_long(line) if line.data is None else decode(line.data)
        if type(record) is Rejection:
            dead.append(_dead(line, record, kind))
        else:
            numbers.append(line.number)
            records.append(record)
    if kind.refuse is not None:
        for number, record in zip(numbers, records, strict=True):
            record.offset, record.length = places[number]
    return (numbers, records, dead) if records or dead else None


def _noted(lines: Iterator[Line], places: dict[int, tuple[int, int]]) -> Iterator[Line]:
    """A record that the database may still refuse has to know where its line stands."""
    for line in lines:
        places[line.number] = (line.offset, line.length)
        yield line


def _too_long(line: Line) -> Rejection:
    message = (
        f"The line has {line.length:,} bytes; at most {settings.MAX_LINE_BYTES:,} are read. Send the record again with"
        " a smaller image, or raise MAX_LINE_BYTES."
    )
    return Rejection(str(Code.LINE_TOO_LONG), "", message, excerpt(line.head), "")


def _dead(line: Line, why: Rejection, kind: Kind) -> Dead:
    amount = kind.amount(line.data) if line.data is not None else None
    reason = (why.code, why.field, why.message, why.excerpt, why.record_id)
    return Dead(line.number, line.offset, line.length, *reason, amount=amount)
