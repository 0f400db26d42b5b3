"""JSON arrays and JSON Lines, read piece by piece."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from catalog.transfers.reading import json_rows
from catalog.transfers.reading.table import open_table
from catalog.transfers.refused import BadFile
from tests.unit.transfers.files import cells_of, rows_of

ITEMS = [{"sku": f"A-{number}", "name": "マグ" * number, "price": 1280.5} for number in range(1, 40)]
READ = [{"sku": f"A-{number}", "name": "マグ" * number, "price": "1280.5"} for number in range(1, 40)]


@pytest.mark.parametrize("block", [1, 7, 64, 2**16])
def test_an_array_is_read_whatever_the_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "BLOCK", block)

    assert cells_of(json.dumps(ITEMS, ensure_ascii=False, indent=2).encode(), "json") == READ


def test_an_object_a_line() -> None:
    assert cells_of("\n".join(json.dumps(item) for item in ITEMS).encode(), "json") == READ


def test_a_key_that_is_missing_is_no_empty_cell() -> None:
    first, second = rows_of(b'[{"sku": "A", "name": null}, {"sku": "B", "is_new": true}]', "json")

    assert (first.number, first.cells) == (1, {"sku": "A", "name": ""})
    assert (second.number, second.cells) == (2, {"sku": "B", "is_new": "true"})


def test_the_columns_are_known_behind_the_last_row() -> None:
    table = open_table(BytesIO(b'[{"sku": "A"}, {"sku": "B", "name": "C"}]'), "json")

    assert len(list(table.rows)) == 2
    assert table.columns == ["sku", "name"]


def test_a_list_is_a_fault_of_its_cell() -> None:
    (row,) = rows_of(b'[{"sku": "A", "name": ["B"]}]', "json")

    assert "It is a list or an object" in row.faults["name"]


def test_half_a_character_is_a_fault_of_its_cell() -> None:
    (row,) = rows_of(rb'[{"sku": "A", "name": "\ud83d"}]', "json")

    assert "U+D83D" in row.faults["name"]


def test_text_is_not_taken_for_a_formula() -> None:
    assert cells_of(b'[{"sku": "A", "name": "\'=1"}]', "json")[0]["name"] == "'=1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"sku": "A"}, {"sku": "B", "prise": 1}]', "Item 2 has `prise`, which is not known"),
        (b'[{"sku": "A"}, {"name": "B"}]', "Item 2 has no sku"),
        (b'[{"sku": "A"}, 5]', "Item 2 is no object"),
        (b'[{"sku": "A"} {"sku": "B"}]', "Behind item 1 a comma"),
        (b'[{"sku": "A"}, {"sku": ]', "Item 2 cannot be read"),
        (b'[{"sku": "A"}', "the file is cut off"),
        (b'[{"sku": "A"', "Item 1 cannot be read"),
        (b'[{"sku": "A"}] x', "behind the end of the array"),
        (b'[{"sku": NaN}]', "NaN is no JSON"),
        (b'[{"sku": ' + b"[" * 100_000, "nested too deeply|cannot be read"),
        ('[{"sku": "マグ"}]'.encode("cp932"), "not UTF-8"),
        (b'"sku"', "Item 1 is no object"),
    ],
)
def test_what_cannot_be_read_says_where(content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        rows_of(content, "json")


def test_an_object_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MOST_OBJECT", 1000)

    with pytest.raises(BadFile, match="Item 1 cannot be read"):
        rows_of(b'[{"sku": "' + b"a" * 10**6, "json")
