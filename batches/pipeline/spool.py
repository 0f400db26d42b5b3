"""Batches of rows on their way from reading to writing.

A chunk is read and decoded whole before its transaction begins: no network inside a transaction, however slow the
storage. One batch stays in memory; what a long gzip file adds goes to a temporary file, so memory stays flat.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

import msgspec

from batches.kinds.kind import Row

BATCH_LINES = 20_000


class Dead(msgspec.Struct, gc=False):
    """A line that is no record: where it stands, and why. `trace_id` is its image's, '' when that is not known.

    `group` is the fingerprint of its group, `amount` that of the receipt where it could be read all the same.
    """

    line: int
    offset: int
    length: int
    code: str
    field: str
    message: str
    excerpt: str
    record_id: str
    trace_id: str = ""
    user_id: str = ""
    group: str = ""
    amount: str | None = None


class Batch(msgspec.Struct):
    """What up to BATCH_LINES lines came to: rows in the order of their ids, `repeated` lines left out of them."""

    rows: list[Row]
    repeated: int
    dead: list[Dead]

    @property
    def lines(self) -> int:
        return len(self.rows) + self.repeated + len(self.dead)


class Spool:
    """Batches in, the same batches out, any number of times."""

    def __init__(self) -> None:
        self._first: Batch | None = None
        self._file: IO[bytes] | None = None
        self._sizes: list[int] = []

    def add(self, batch: Batch) -> None:
        if self._first is None:
            self._first = batch
            return
        self._file = self._file or tempfile.TemporaryFile(prefix="nightshelf-")  # noqa: SIM115 - closed by close()
        self._sizes.append(self._file.write(msgspec.msgpack.encode(batch)))

    def __iter__(self) -> Iterator[Batch]:
        if self._first is not None:
            yield self._first
        if self._file is not None:
            self._file.seek(0)
            for size in self._sizes:
                yield msgspec.msgpack.decode(self._file.read(size), type=Batch)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
