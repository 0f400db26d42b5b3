"""The formats that are written, and the one way to open a file in one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Protocol

from django.utils.module_loading import import_string


class RowFile(Protocol):
    """Cells are text, numbers, true or false, or None; the order is that of the columns."""

    def write(self, row: Sequence[Any]) -> None: ...

    def close(self) -> None: ...

    def discard(self) -> None: ...


# By name: openpyxl takes 18 MB, in every process, of which most never see a workbook.
FORMATS = {
    "csv": "catalog.transfers.writing.csv_file.CsvFile",
    "xlsx": "catalog.transfers.writing.xlsx_file.XlsxFile",
    "json": "catalog.transfers.writing.json_file.JsonFile",
}


def content_type_of(kind: str) -> str:
    return str(import_string(FORMATS[kind]).content_type)


@contextmanager
def written(file: IO[bytes], kind: str, columns: Sequence[str]) -> Iterator[RowFile]:
    """Complete when left in peace; otherwise nothing of it is left behind but what is in `file`."""
    rows: RowFile = import_string(FORMATS[kind])(file, columns)
    try:
        yield rows
    except BaseException:
        rows.discard()
        raise
    rows.close()
