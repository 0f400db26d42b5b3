"""Exports: whole, defused, and the same again when they are imported."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from catalog.models import Product, Transfer
from catalog.products.which import ProductFilter
from catalog.transfers.begin_export import begin_export
from catalog.transfers.columns import COLUMNS
from catalog.transfers.purge import purge_transfers
from catalog.transfers.refused import Refused
from catalog.transfers.refused_rows import write_refused
from catalog.transfers.work import work_transfers
from storage import result_storage
from tests.transfers import (
    a_category,
    a_person,
    a_product,
    checked,
    content_of,
    counts,
    csv_of,
    exported,
    figures,
    imported,
    state,
    told,
)

pytestmark = pytest.mark.django_db(transaction=True)
NASTY = [
    "=1+1", "+81 3", "-5%", "@home", "\ttab", "＝全角", " =x", "'=mine", "''", 'comma, "quote"; semicolon',
    "two\r\nlines", "#N/A", "00123", "1e5", "TRUE", "マグカップ 🍵 ①", " padded ",
]  # fmt: skip


def make_products() -> None:
    category = a_category("-Cups", slug="-cups")
    for number, text in enumerate(NASTY):
        a_product(
            f"={number}", name=text, description=text * 2, price=number, category=category if number % 2 else None
        )
    a_product("-9", price="1280.50", sale_price="980", is_new=True, status="active", barcode="0012345678905")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_what_is_exported_and_imported_again_changes_nothing(kind: str) -> None:
    make_products()

    transfer = checked(content_of(exported(kind)), f"products.{kind}")

    assert transfer.failure == ""
    assert told(transfer) == {}
    assert figures(transfer) == counts(same=len(NASTY) + 1)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_an_export_makes_the_same_products_elsewhere(kind: str) -> None:
    make_products()
    before, content = state(), content_of(exported(kind))
    Product.objects.all().delete()

    imported(content, f"products.{kind}")

    lines = [[str(cell).replace("\r\n", "\n") for cell in row] for row in (*before, *state())]
    assert lines[: len(before)] == lines[len(before) :]


def test_no_cell_of_a_csv_would_run() -> None:
    make_products()

    text = content_of(exported("csv")).decode("utf-8-sig")
    cells = [cell for row in csv.reader(StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if cell.strip("\u3000 ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))] == []


def test_no_cell_of_a_workbook_is_a_formula_and_numbers_are_numbers() -> None:
    make_products()

    rows = list(load_workbook(BytesIO(content_of(exported("xlsx")))).worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0]] == list(COLUMNS)
    kinds = {column: {row[place].data_type for row in rows[1:]} for place, column in enumerate(COLUMNS)}
    assert kinds["name"] == kinds["sku"] == {"s"}
    assert kinds["price"] == kinds["version"] == {"n"}
    assert kinds["is_new"] == {"b"}


def test_json_has_numbers_and_nulls() -> None:
    a_product("A-1", price="12.50")

    (item,) = json.loads(content_of(exported("json")))
    assert item == {
        "sku": "A-1", "name": "Name of A-1", "description": "", "price": 12.5, "sale_price": None, "category": None,
        "is_new": False, "is_featured": False, "status": "draft", "barcode": "", "version": 1,
    }  # fmt: skip


def test_just_what_was_filtered_is_exported() -> None:
    a_product("A-1", status="active")
    a_product("B-1", status="draft")
    third = a_product("C-1", name="Blue mug")

    def skus(**filters: str) -> list[str]:
        return [item["sku"] for item in json.loads(content_of(exported("json", **filters)))]

    assert skus(status="active") == ["A-1"]
    assert skus(text="mug") == ["C-1"]
    assert skus(ids=str(third.pk)) == ["C-1"]
    assert len(skus()) == 3


def test_nothing_to_export_is_said_before() -> None:
    with pytest.raises(Refused, match="No product is like this"):
        begin_export(ProductFilter(), "csv", actor=a_person())


def test_text_that_no_cell_holds_is_told() -> None:
    a_product("A-1", description="x" * 40_000)
    transfer = begin_export(ProductFilter(), "xlsx", actor=a_person())
    work_transfers()

    transfer.refresh_from_db()
    assert transfer.status == "failed"
    assert "export as CSV or JSON" in transfer.failure


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_refused_rows_come_back_with_what_is_wrong(kind: str) -> None:
    rows: list[dict[str, Any]] = [
        {"sku": "A", "name": "=good", "price": "1"},
        {"sku": "B", "name": "=bad", "price": "much"},
        {"sku": "C", "name": "", "price": "1"},
    ]
    content = csv_of(*rows) if kind == "csv" else json.dumps(rows).encode()
    transfer = checked(content, f"p.{kind}")

    file = BytesIO()
    write_refused(transfer, file)
    if kind == "csv":
        found = list(csv.DictReader(StringIO(file.getvalue().decode("utf-8-sig"))))
        assert found[0]["name"] == "'=bad"
    else:
        found = json.loads(file.getvalue())
    assert [row["sku"] for row in found] == ["B", "C"]
    assert found[0]["what_is_wrong"] == "price: `much` is no amount: write 1280, 1,280 or 1280.50."

    put_right = file.getvalue().replace(b"much", b"7")
    assert figures(checked(put_right, f"p.{kind}")) == counts(added=1, refused=1)


def test_files_are_kept_for_some_days_only() -> None:
    a_product("A-1")
    old, new, waiting = exported("csv"), exported("csv"), checked(csv_of({"sku": "A-1", "name": "New"}))
    Transfer.objects.exclude(pk=new.pk).update(created_at="2026-01-01T00:00:00Z")

    purge_transfers()

    for transfer in (old, new, waiting):
        transfer.refresh_from_db()
    assert (old.key, bool(new.key), waiting.status, waiting.checked_key) == ("", True, "cancelled", "")
    assert [listed.key for prefix in ("imports/", "exports/") for listed in result_storage().listing(prefix)] == [
        new.key
    ]
