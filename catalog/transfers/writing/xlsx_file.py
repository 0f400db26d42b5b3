"""An Excel workbook, row by row through a temporary file. Text is written as text, whatever it looks like."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from catalog.transfers.defuse import defused
from catalog.transfers.refused import BadFile

MOST_CHARS = 32_767  # of a cell; openpyxl would cut without a word
WIDTHS = {"name": 40, "description": 50, "sku": 18, "category": 20, "barcode": 16, "what_is_wrong": 60}


class XlsxFile:
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Products")
        self._sheet.freeze_panes = "A2"
        for place, column in enumerate(columns):
            self._sheet.column_dimensions[chr(ord("A") + place)].width = WIDTHS.get(column, 12)
        self._sheet.append([self._heading(column) for column in columns])

    def write(self, row: Sequence[Any]) -> None:
        self._sheet.append([self._cell(value, column) for value, column in zip(row, self._columns, strict=True)])

    def close(self) -> None:
        self._book.save(self._file)

    def discard(self) -> None:
        """openpyxl's temporary file would stay until the process ends."""
        with suppress(Exception):
            self._sheet.close()
            self._sheet._writer.cleanup()

    def _heading(self, column: str) -> Any:
        cell = WriteOnlyCell(self._sheet, column)
        cell.font = Font(bold=True)
        return cell

    def _cell(self, value: Any, column: str) -> Any:
        if not isinstance(value, str):
            return value
        text = ILLEGAL_CHARACTERS_RE.sub("", defused(value))
        if len(text) > MOST_CHARS:
            raise BadFile(
                f"A {column} has {len(text):,} characters, and a cell of a workbook holds {MOST_CHARS:,}: export as CSV"
                " or JSON."
            )
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # else `#N/A` would be an error, and what begins with `=` a formula
        return cell
