"""The formats that are written, and the one way to open a file in one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Protocol

from catalog.transfers.writing.csv_file import CsvFile
from catalog.transfers.writing.json_file import JsonFile
from catalog.transfers.writing.xlsx_file import XlsxFile


class RowFile(Protocol):
    """Cells are text, numbers, true or false, or None; the order is that of the columns."""

    def write(self, row: Sequence[Any]) -> None: ...

    def close(self) -> None: ...

    def discard(self) -> None: ...


FORMATS: dict[str, Any] = {"csv": CsvFile, "xlsx": XlsxFile, "json": JsonFile}


def content_type_of(kind: str) -> str:
    return str(FORMATS[kind].content_type)


@contextmanager
def written(file: IO[bytes], kind: str, columns: Sequence[str]) -> Iterator[RowFile]:
    """Complete when left in peace; otherwise nothing of it is left behind but what is in `file`."""
    rows: RowFile = FORMATS[kind](file, columns)
    try:
        yield rows
    except BaseException:
        rows.discard()
        raise
    rows.close()
