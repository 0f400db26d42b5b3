"""Files of products, made for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from catalog.transfers.reading.row import Row
from catalog.transfers.reading.table import open_table


def rows_of(content: bytes, kind: str) -> list[Row]:
    return list(open_table(BytesIO(content), kind).rows)


def cells_of(content: bytes, kind: str) -> list[dict[str, str]]:
    return [row.cells for row in rows_of(content, kind)]


def workbook(*rows: Sequence[Any], sheets: Sequence[str] = ("Products",)) -> bytes:
    """As a spreadsheet program saves one: texts shared, sizes told."""
    book = Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        book[sheets[0]].append(list(row))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one of its parts replaced."""
    file = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, part if info.filename == name else source.read(info))
    return file.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name)
