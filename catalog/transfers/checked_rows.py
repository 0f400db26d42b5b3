"""The rows as they were checked, kept in storage: what is written later is what was shown, and nothing else.

One line a row: number, outcome, the product's version when it was looked at (None: there was none), cells, faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, NamedTuple, TypeVar

import msgspec

from catalog.transfers.judge import Judged
from catalog.transfers.reading.row import Row

T = TypeVar("T")
CHUNK = 500


class CheckedRow(NamedTuple):
    number: int
    outcome: str
    version: int | None
    cells: dict[str, str]
    faults: dict[str, str]

    @property
    def row(self) -> Row:
        return Row(self.number, self.cells, {})


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(CheckedRow).decode


def line_of(judged: Judged) -> bytes:
    faults = judged.told if judged.outcome == "refused" else {}
    return _encode((judged.row.number, judged.outcome, judged.version, judged.row.cells, faults)) + b"\n"


def read_checked(file: IO[bytes], skip: int = 0) -> Iterator[CheckedRow]:
    """From behind the first `skip` rows on."""
    for line in islice(file, skip, None):
        yield _decode(line)


def in_chunks(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk
