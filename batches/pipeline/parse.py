"""A chunk's bytes become records and dead lines. Reads storage, never the database; one outcome for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.conf import settings

from batches import kinds
from batches.formats.gunzip import CorruptGzip, TruncatedGzip, gunzip
from batches.formats.lines import Line, LineReader
from batches.formats.rejection import Code, Rejection, excerpt
from batches.pipeline.claim import Claim
from batches.pipeline.spool import BATCH_LINES, Batch, Dead, Spool
from batches.storage import result_storage

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
    kind = kinds.get(claim.kind)
    spool, read, faults = Spool(kind.record), 0, list[FileFault]()
    lines = read_lines(claim)
    for batch in _batches(_until_fault(lines, faults), kind.decode):
        read += len(batch.records) + len(batch.dead)
        spool.add(batch)
    return Parsed(spool, read, lines.physical, faults[0] if faults else None)


def read_lines(claim: Claim) -> LineReader:
    """The chunk's lines, as a stream. A gzip file is read from its beginning and has no end that is known before."""
    blocks = result_storage(claim.bucket).blocks(claim.key, claim.version, max(0, claim.start - 1))
    if claim.compressed:
        return LineReader(gunzip(blocks), start=0, end=None, max_line_bytes=settings.MAX_LINE_BYTES)
    return LineReader(blocks, start=claim.start, end=claim.end, max_line_bytes=settings.MAX_LINE_BYTES)


def _until_fault(lines: LineReader, faults: list[FileFault]) -> Iterator[Line]:
    try:
        yield from lines
    except (TruncatedGzip, CorruptGzip) as broken:
        faults.append(FileFault(GZIP_FAULTS[type(broken)], f"{broken} {lines.physical} lines could be read."))


def _batches(lines: Iterator[Line], decode: Callable[[bytes], Any]) -> Iterator[Batch]:
    batch = Batch([], [])
    for line in lines:
        record = _too_long(line) if line.data is None else decode(line.data)
        if type(record) is Rejection:
            batch.dead.append(_dead(line, record))
        else:
            batch.records.append((line.number, record))
        if len(batch.records) + len(batch.dead) >= BATCH_LINES:
            yield batch
            batch = Batch([], [])
    if batch.records or batch.dead:
        yield batch


def _too_long(line: Line) -> Rejection:
    message = (
        f"The line has {line.length:,} bytes; at most {settings.MAX_LINE_BYTES:,} are read. Send the record again with"
        " a smaller image, or raise MAX_LINE_BYTES."
    )
    return Rejection(str(Code.LINE_TOO_LONG), "", message, excerpt(line.head), "")


def _dead(line: Line, why: Rejection) -> Dead:
    return Dead(line.number, line.offset, line.length, why.code, why.field, why.message, why.excerpt, why.record_id)
