"""The first visible sheet of a workbook, a row at a time, by openpyxl's readers.

Not by its `load_workbook(read_only=True)`: that parses every sheet once more to learn its size, and hands its parts to
the parser without a look at them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS

from catalog.transfers.columns import MOST_COLUMNS, columns_of
from catalog.transfers.defuse import disarmed
from catalog.transfers.reading.row import Row, Table, row_of
from catalog.transfers.reading.xlsx_guard import DAMAGED, MOST_SHEET_ROWS, MOST_STRINGS, GuardedXml, opened
from catalog.transfers.reading.xlsx_texts import SharedTexts
from catalog.transfers.refused import BadCell, BadFile

FAULTS = (ParseError, BadZipFile, ZlibError, EOFError, OSError, KeyError, IndexError, ValueError, TypeError,
          AttributeError, RecursionError)  # fmt: skip
# What it cannot keep when it writes a workbook is nothing to a reader of cells.
warnings.filterwarnings("ignore", module="openpyxl")


class Sheet(NamedTuple):
    name: str
    cells: WorkSheetParser
    source: GuardedXml


def xlsx_table(file: IO[bytes]) -> Table:
    archive = opened(file)
    try:
        sheet = _first_sheet(archive)
        rows = _filled(sheet)
        _, heading = next(rows, (1, []))
        headings = _headings(heading)
    except FAULTS as fault:
        raise BadFile(DAMAGED) from fault
    columns = columns_of(headings)
    return Table(columns, f"Excel workbook, sheet “{sheet.name}”", _rows(rows, columns))


def _first_sheet(archive: ZipFile) -> Sheet:
    reader = _Reader(archive)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(archive, reader.wb)
    for sheet, rel in reader.parser.find_sheets():
        if sheet.state == "visible" and rel.Type.endswith("/worksheet"):
            source = GuardedXml(archive.open(rel.target), MOST_SHEET_ROWS)
            return Sheet(sheet.name, _parser(source, reader), source)
    raise BadFile("The workbook has no sheet that is visible.")


class _Reader(ExcelReader):  # type: ignore[misc]
    """Of an archive that was looked at."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive, self.valid_files = archive, archive.namelist()
        self.read_only, self.keep_vba, self.keep_links = True, False, False
        self.data_only = self.rich_text = False
        self.package: Manifest | None = None
        self.shared_strings = SharedTexts()

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS) if self.package else None
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = SharedTexts(GuardedXml(source, MOST_STRINGS))


def _parser(source: GuardedXml, reader: _Reader) -> WorkSheetParser:
    """Formulas are told as such (`data_only` would give what a program last computed, or nothing)."""
    book = reader.wb
    return WorkSheetParser(
        source, reader.shared_strings, data_only=False, epoch=book.epoch, date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )  # fmt: skip


def _filled(sheet: Sheet) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Rows that have something in them, by their number in the sheet."""
    last = 0
    for number, cells in sheet.cells.parse():
        if number <= last:
            raise BadFile(DAMAGED)
        last = number
        if any(cell["value"] not in (None, "") for cell in cells):
            yield number, cells
    sheet.source.close()


def _headings(cells: list[dict[str, Any]]) -> list[str]:
    found = {cell["column"]: disarmed(str(cell["value"] or "")) for cell in cells}
    width = max((column for column, text in found.items() if text.strip()), default=0)
    return [found.get(column, "") for column in range(1, min(width, MOST_COLUMNS + 1) + 1)]


def _rows(rows: Iterator[tuple[int, list[dict[str, Any]]]], columns: list[str]) -> Iterator[Row]:
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except FAULTS as fault:
            raise BadFile(DAMAGED) from fault
        yield _row(number, cells, columns)


def _row(number: int, cells: list[dict[str, Any]], columns: list[str]) -> Row:
    values: dict[str, Any] = dict.fromkeys(columns)
    fault, faults = "", {}
    for cell in cells:
        value = cell["value"]
        if value in (None, ""):
            continue
        if cell["column"] > len(columns):
            fault = "Something stands to the right of the columns: give it a heading, or delete it."
            continue
        column = columns[cell["column"] - 1]
        try:
            values[column] = _value(cell["data_type"], value)
        except BadCell as wrong:
            faults[column] = str(wrong)
    row = row_of(number, values, fault=fault)
    return row._replace(faults=row.faults | faults)


def _value(kind: str, value: Any) -> Any:
    if kind == "f":
        raise BadCell("It is a formula, and none is computed here: paste its value instead.")
    if kind == "e":
        raise BadCell(f"It is the error {str(value)[:20]}.")
    return disarmed(value) if isinstance(value, str) else value
