"""A file's rows laid out one behind the other, once: how many there are, and which of them speak of the same product.

Into a temporary file, so that a workbook is parsed once and the check knows how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import msgspec

from catalog.transfers.look_up import key_of
from catalog.transfers.reading.row import Row
from catalog.transfers.reading.table import open_table
from catalog.transfers.refused import BadFile

KEYS: dict[str, Callable[[str], str]] = {"sku": key_of, "barcode": lambda text: key_of(text).replace("-", "")}
Line = tuple[int, dict[str, str], dict[str, str]]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


class Unpacked(NamedTuple):
    columns: list[str]
    read_as: str
    total: int
    twins: dict[int, tuple[str, int]]
    file: IO[bytes]

    def rows(self) -> Iterator[Row]:
        """From the first on. A row whose SKU or barcode another one has as well says so: which counts is not known."""
        self.file.seek(0)
        for line in self.file:
            row = Row(*_decode(line))
            if twin := self.twins.get(row.number):
                column, other = twin
                noun = "SKU" if column == "sku" else column
                row.faults.setdefault(column, f"Row {other:,} has the same {noun}: keep one of the two.")
            yield row


@contextmanager
def unpacked(file: IO[bytes], kind: str) -> Iterator[Unpacked]:
    """BadFile, also for what is found in the last row only."""
    table = open_table(file, kind)
    with TemporaryFile(prefix="nightshelf-rows-") as laid_out:
        twins, total = _lay_out(table.rows, laid_out)
        if not total:
            raise BadFile("The file has no row below its heading: there is nothing to import.")
        yield Unpacked(table.columns, table.read_as, total, twins, laid_out)


def _lay_out(rows: Iterator[Row], into: IO[bytes]) -> tuple[dict[int, tuple[str, int]], int]:
    seen: dict[str, dict[str, int]] = {column: {} for column in KEYS}
    twins: dict[int, tuple[str, int]] = {}
    total = 0
    for row in rows:
        total += 1
        into.write(_encode(row) + b"\n")
        for column, places in seen.items():
            key = KEYS[column](row.cells.get(column, ""))
            if not key:
                continue
            if (first := places.setdefault(key, row.number)) != row.number:
                twins.setdefault(row.number, (column, first))
                twins.setdefault(first, (column, row.number))
    return twins, total
