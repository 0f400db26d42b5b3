"""A file of products, by what it is: its first bytes, and its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import IO

from catalog.transfers.reading.csv_rows import csv_table
from catalog.transfers.reading.json_rows import json_table
from catalog.transfers.reading.row import Table, bounded
from catalog.transfers.refused import BadFile

FORMATS = {"csv": "CSV", "xlsx": "Excel workbook (XLSX)", "json": "JSON"}
BY_SUFFIX = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_BYTES = 100 * 2**20


def format_of(name: str, file: IO[bytes]) -> str:
    """csv, xlsx or json; BadFile. An Excel workbook is one whatever its name says."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    suffix = PurePath(name).suffix.lower()
    if head.startswith(OLE):
        raise BadFile(
            "It is an Excel workbook of the old kind (.xls), or one with a password: save it as .xlsx without."
        )
    if head.startswith(ZIP):
        return "xlsx"
    if suffix == ".xlsx":
        raise BadFile("It is no Excel workbook, although its name says so: save it again as .xlsx or .csv.")
    if suffix not in BY_SUFFIX:
        raise BadFile(f"{name[:100]} is neither CSV, XLSX nor JSON: its name has to end in .csv, .tsv, .xlsx or .json.")
    return BY_SUFFIX[suffix]


def open_table(file: IO[bytes], kind: str) -> Table:
    """Its heading, and its rows as they are asked for; BadFile at any time."""
    table = _readers()[kind](file)
    return table._replace(rows=bounded(table.rows))


def look_at(name: str, file: IO[bytes], size: int) -> str:
    """The format, if the heading and the first row can be read; BadFile. What an upload is told at once."""
    if size > MOST_BYTES:
        raise BadFile(f"The file has {size / 2**20:,.0f} MB: {MOST_BYTES // 2**20} MB are taken at most. Split it.")
    kind = format_of(name, file)
    if next(open_table(file, kind).rows, None) is None:
        raise BadFile("The file has no row below its heading: there is nothing to import.")
    file.seek(0)
    return kind


def _readers() -> dict[str, Callable[[IO[bytes]], Table]]:
    # Only now: openpyxl takes 18 MB, in every process, of which most never see a workbook.
    from catalog.transfers.reading.xlsx_rows import xlsx_table

    return {"csv": csv_table, "xlsx": xlsx_table, "json": json_table}
