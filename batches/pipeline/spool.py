"""Decoded batches on their way from reading to writing.

A chunk is read and decoded whole before its transaction begins: no network inside a transaction, however slow the
storage. One batch stays in memory; what a long gzip file adds goes to a temporary file, so memory stays flat.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

import msgspec

BATCH_LINES = 20_000


class Dead(msgspec.Struct, gc=False):
    """A line that is no record: where it stands, and why."""

    line: int
    offset: int
    length: int
    code: str
    field: str
    message: str
    excerpt: str
    record_id: str


class Batch(msgspec.Struct):
    """Up to BATCH_LINES lines, decoded. `records` are (line, record) in the order of the file."""

    records: list[Any]
    dead: list[Dead]


class Spool:
    """Batches in, the same batches out, any number of times."""

    def __init__(self, record: type) -> None:
        self._first: Batch | None = None
        self._file: IO[bytes] | None = None
        self._sizes: list[int] = []
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[list[tuple[int, record]], list[Dead]]).decode  # type: ignore[valid-type]

    def add(self, batch: Batch) -> None:
        if self._first is None:
            self._first = batch
            return
        self._file = self._file or tempfile.TemporaryFile(prefix="nightshelf-")  # noqa: SIM115 - closed by close()
        self._sizes.append(self._file.write(self._encode((batch.records, batch.dead))))

    def __iter__(self) -> Iterator[Batch]:
        if self._first is not None:
            yield self._first
        if self._file is not None:
            self._file.seek(0)
            for size in self._sizes:
                yield Batch(*self._decode(self._file.read(size)))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
