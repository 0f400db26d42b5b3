"""CSV: encodings, delimiters, rows that are not like the heading."""

from __future__ import annotations

from io import BytesIO

import pytest

from catalog.transfers.reading.row import Row
from catalog.transfers.reading.table import format_of, look_at, open_table
from catalog.transfers.refused import BadFile
from tests.unit.transfers.files import cells_of, rows_of

MUG = {"sku": "MUG-1", "name": "マグカップ ①", "price": "1,280"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters_are_recognised(encoding: str, delimiter: str) -> None:
    text = f'sku{delimiter}name{delimiter}price\r\nMUG-1{delimiter}マグカップ ①{delimiter}"1,280"\r\n'

    assert cells_of(text.encode(encoding), "csv") == [MUG]


def test_what_was_read_is_told() -> None:
    table = open_table(BytesIO("sku;name\nA;マグ".encode("cp932")), "csv")

    assert table.read_as == "Shift_JIS (CP932), separated by semicolons"


def test_what_is_neither_names_the_line() -> None:
    with pytest.raises(BadFile, match="Line 3 is neither UTF-8 nor Shift_JIS"):
        rows_of(b"sku,name\nA,fine\nB,\x81\x01\n", "csv")


def test_headings_are_taken_as_people_write_them() -> None:
    assert cells_of("ＳＫＵ,Sale Price, Is_New \nA,5,1\n".encode(), "csv") == [
        {"sku": "A", "sale_price": "5", "is_new": "1"}
    ]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("sku,prise", r"1 column is not known: `prise` \(is it price\?\)"),
        ("sku,a,b", "2 columns are not known: `a`, `b`"),
        ("sku,,name", "one without a name"),
        ("name,price", "no column sku"),
        ("sku,name,SKU", "names sku twice"),
    ],
)
def test_a_heading_that_will_not_do(heading: str, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        rows_of(f"{heading}\nA,B,C\n".encode(), "csv")


def test_the_column_of_refused_rows_is_taken_back() -> None:
    assert rows_of(b"sku,name,what is wrong\nA,B,it was bad\n", "csv") == [
        Row(2, {"sku": "A", "name": "B", "what_is_wrong": "it was bad"}, {})
    ]


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    content = b'sku,description\r\nA,"two\r\nlines"\r\n\r\n,\r\nB,\r\n'

    assert [(row.number, row.cells["sku"]) for row in rows_of(content, "csv")] == [(2, "A"), (5, "B")]


def test_line_ends_within_a_cell_stay() -> None:
    assert cells_of(b'sku,description\r\nA,"two\r\nlines"\r\n', "csv")[0]["description"] == "two\r\nlines"


def test_a_row_that_is_not_as_long_as_the_heading_is_refused() -> None:
    first, second = rows_of(b"sku,name\nA,B,C\nD\n", "csv")

    assert first.faults == {"": "It has 3 cells, the heading has 2: look for a delimiter too many or too few."}
    assert "It has 1 cells" in second.faults[""]


def test_a_quotation_mark_that_is_not_closed_names_its_row() -> None:
    with pytest.raises(BadFile, match=r"Row 3 \(line 4\) cannot be read"):
        rows_of(b'sku,name\nA,B\nC,"never closed\nD,E\n', "csv")


def test_a_control_character_is_a_fault_of_its_cell() -> None:
    (row,) = rows_of(b"sku,name\nA,B\x00C\n", "csv")

    assert row.faults == {"name": "It contains the control character U+0000: take it out."}


def test_the_apostrophe_of_an_export_is_taken_off() -> None:
    assert cells_of(b"sku,name\n'-A,'=1+1\n", "csv") == [{"sku": "-A", "name": "=1+1"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.csv", b"sku,name\n", "no row below its heading"),
        ("p.xls", b"\xd0\xcf\x11\xe0abc", "of the old kind"),
        ("p.xlsx", b"sku,name\nA,B\n", "It is no Excel workbook"),
        ("p.pdf", b"%PDF", "neither CSV, XLSX nor JSON"),
    ],
)
def test_an_upload_is_told_at_once(name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        look_at(name, BytesIO(content), len(content))


def test_a_workbook_is_one_whatever_its_name_says() -> None:
    assert format_of("p.csv", BytesIO(b"PK\x03\x04")) == "xlsx"
