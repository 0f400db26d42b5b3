"""Workbooks: what cells come to, and what a hostile one is refused for."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from catalog.transfers.reading import xlsx_guard, xlsx_rows
from catalog.transfers.reading.row import Row
from catalog.transfers.reading.table import open_table
from catalog.transfers.refused import BadFile
from tests.unit.transfers.files import cells_of, part_of, rows_of, with_part, with_shared_texts, workbook

SHEET = "xl/worksheets/sheet1.xml"


def test_cells_come_as_a_spreadsheet_shows_them() -> None:
    content = workbook(
        ("sku", "name", "price", "is_new", "barcode"),
        (1001, "マグ", 1280, True, 4901234567894),
        ("A-2", None, 0.1 + 0.2, False, "0490123456789"),
        ("A-3", "'=1+1", 1e7, None, None),
    )

    assert cells_of(content, "xlsx") == [
        {"sku": "1001", "name": "マグ", "price": "1280", "is_new": "true", "barcode": "4901234567894"},
        {"sku": "A-2", "name": "", "price": "0.3", "is_new": "false", "barcode": "0490123456789"},
        {"sku": "A-3", "name": "=1+1", "price": "10000000", "is_new": "", "barcode": ""},
    ]


def test_no_formula_is_computed_and_no_date_guessed() -> None:
    first, second = rows_of(workbook(("sku", "name"), ("A", "=1+1"), (date(2026, 2, 1), "B")), "xlsx")

    assert "It is a formula" in first.faults["name"]
    assert "It is a date" in second.faults["sku"]


def test_blank_rows_are_passed_over_and_counted() -> None:
    rows = rows_of(workbook(("sku", "name"), ("A", "B"), (None, None), ("C", "D")), "xlsx")

    assert [row.number for row in rows] == [2, 4]


def test_what_stands_outside_of_the_columns_is_told() -> None:
    (row,) = rows_of(workbook(("sku", "name"), ("A", "B", None, "note")), "xlsx")

    assert row == Row(
        2,
        {"sku": "A", "name": "B"},
        {"": "Something stands to the right of the columns: give it a heading, or delete it."},
    )


def test_the_first_visible_sheet_is_read() -> None:
    table = open_table(BytesIO(workbook(("sku", "name"), ("A", "B"), sheets=("商品", "Notes"))), "xlsx")

    assert table.read_as == "Excel workbook, sheet “商品”"
    assert len(list(table.rows)) == 1


def _with_shared(texts: str) -> bytes:
    return with_shared_texts(_with_rows('<row r="3"><c r="A3" t="s"><v>1</v></c></row>'), texts)


def test_shared_texts_are_found() -> None:
    shared = "<si><t>unused</t></si><si><r><t>マグ</t></r><r><t>-1</t></r></si>"

    assert cells_of(_with_shared(shared), "xlsx") == [{"sku": "A"}, {"sku": "マグ-1"}]


def test_shared_texts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_STRINGS", 10)

    with pytest.raises(BadFile, match="more than 10 rows, or texts"):
        rows_of(_with_shared("<si><t>a</t></si>" * 11), "xlsx")


def test_a_zip_bomb_is_refused_by_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(xlsx_guard.MOST_OF, "xl/worksheets/", 10_000)
    bomb = with_part(workbook(("sku",), ("A",)), SHEET, b"<x>" + b" " * 20_000 + b"</x>")

    with pytest.raises(BadFile, match="larger than is read"):
        rows_of(bomb, "xlsx")


def test_the_whole_of_a_workbook_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_guard, "MOST_BYTES", 1_000)

    with pytest.raises(BadFile, match="unpacks to more than"):
        rows_of(workbook(("sku",), ("A",)), "xlsx")


def _with_rows(rows: str) -> bytes:
    content = workbook(("sku",), ("A",))
    sheet = part_of(content, SHEET).decode().replace("</sheetData>", f"{rows}</sheetData>")
    return with_part(content, SHEET, sheet.encode())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (f'<row r="3">{"<c/>" * 5_000}</row>', "more than 2,000 cells"),
        (f'<row r="3"><c t="inlineStr"><is><t>{"a" * 200_000}</t></is></c></row>', "more than 100,000 characters"),
        ('<row r="2"><c t="inlineStr"><is><t>a</t></is></c></row>', "damaged"),
        ('<row r="3"><c t="s"><v>999</v></c></row>', "damaged"),
        ('<row r="3"><c>', "damaged"),
    ],
)
def test_a_hostile_sheet_is_refused(rows: str, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        rows_of(_with_rows(rows), "xlsx")


def test_a_document_type_is_refused() -> None:
    content = workbook(("sku",), ("A",))
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + part_of(content, SHEET).partition(b"?>")[2]

    with pytest.raises(BadFile, match="damaged"):
        rows_of(with_part(content, SHEET, laughs), "xlsx")


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b""])
def test_no_archive_at_all(content: bytes) -> None:
    with pytest.raises(BadFile, match="damaged"):
        rows_of(content, "xlsx")
