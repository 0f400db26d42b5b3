"""Files of products, made for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from catalog.transfers.reading.row import Row
from catalog.transfers.reading.table import open_table

TYPES = "[Content_Types].xml"


def rows_of(content: bytes, kind: str) -> list[Row]:
    return list(open_table(BytesIO(content), kind).rows)


def cells_of(content: bytes, kind: str) -> list[dict[str, str]]:
    return [row.cells for row in rows_of(content, kind)]


def workbook(*rows: Sequence[Any], sheets: Sequence[str] = ("Products",)) -> bytes:
    """With texts in their cells; `with_part` makes others."""
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
    """The workbook with one of its parts replaced, or added."""
    file = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info.filename, source.read(info))
        target.writestr(name, part)
    return file.getvalue()


def with_shared_texts(content: bytes, texts: str) -> bytes:
    """As spreadsheet programs save texts: once, and cells name them by number."""
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}" /></Types>'
    types = part_of(content, TYPES).replace(b"</Types>", told.encode())
    return with_part(with_part(content, TYPES, types), "xl/sharedStrings.xml", table.encode())


def part_of(content: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name)
