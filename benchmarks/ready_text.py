"""The limit's own food: exactly the rows our engine would write, as COPY text, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.lines import JOB, USER
from benchmarks.place import ROOT, key_of


def ready_text(path: Path) -> Path:
    """Made once beside the other data. Ids of job and chunks are those an empty database would give."""
    text = ROOT / f"{path.stem}.copy"
    if not text.exists():
        partial = text.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            for rows in chunks_of_rows(path):
                file.writelines(text for _, text in rows)
        partial.rename(text)
    return text


def columns() -> str:
    from batches.kinds.receipts import COLUMNS

    return ", ".join(COLUMNS)


def chunks_of_rows(path: Path) -> Iterator[list[tuple[bytes, str]]]:
    """The key and the COPY text of each row, chunk by chunk."""
    from batches.kinds.kind import Source
    from batches.kinds.receipts import receipt_lines, receipt_rows

    for number, records in enumerate(chunks_of_records(path), start=1):
        source = Source(1, JOB, number, USER)
        rows = list(receipt_rows(source, records, {}))
        yield list(zip([row.id for row in rows], receipt_lines(source, rows), strict=True))


def chunks_of_records(path: Path) -> Iterator[list[tuple[int, Any]]]:
    """The file's records, chunk by chunk, by the engine's own reader and decoder."""
    from django.conf import settings

    from batches.formats.lines import LineReader
    from batches.formats.receipt import parse_receipt
    from batches.formats.rejection import Rejection
    from storage import result_storage

    storage, key = result_storage(), key_of(path)
    at = storage.stat(key)
    for start in range(0, at.size, settings.CHUNK_BYTES):
        end = min(start + settings.CHUNK_BYTES, at.size)
        blocks = storage.blocks(key, at.version, max(0, start - 1))
        lines = LineReader(blocks, start=start, end=end, max_line_bytes=settings.MAX_LINE_BYTES)
        decoded = ((line.number, parse_receipt(line.data)) for line in lines if line.data is not None)
        yield [(number, record) for number, record in decoded if not isinstance(record, Rejection)]
