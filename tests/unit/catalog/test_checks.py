"""What a product's values must be like, in sentences; and where two people's differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from catalog.fold import narrow
from catalog.pages.fields import AmountField, NarrowField
from catalog.products.check import faults
from catalog.products.differences import differences, plain

GOOD: dict[str, Any] = {
    "name": "シャツ", "sku": "SHIRT-1", "price": Decimal(1000), "sale_price": Decimal(900), "barcode": "4902102119245",
    "status": "draft",
}  # fmt: skip


def test_good_values_have_no_fault() -> None:
    assert faults(GOOD) == {}
    assert faults(GOOD | {"sale_price": None, "barcode": ""}) == {}
    assert faults(GOOD | {"price": 0, "sale_price": 0}) == {}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "needs a name"), ("name", "x" * 201, "201 characters"), ("sku", "", "needs an SKU"),
        ("sku", "A B", "a blank"), ("sku", "シャツ", "'シ'"), ("sku", "x" * 65, "65 characters"),
        ("barcode", "4902102119244", "has to be 5"), ("price", None, "needs a price"), ("price", "-1", "below 0"),
        ("price", "1.005", "two decimals"), ("price", "1e9", "is the most"), ("price", "dear", "not a number"),
        ("sale_price", "1001", "above the price"), ("sale_price", "-1", "below 0"), ("status", "gone", "not known"),
    ],
)  # fmt: skip
def test_each_fault_is_said_at_its_field(field: str, value: Any, said: str) -> None:
    found = faults(GOOD | {field: value})

    assert list(found) == [field]
    assert said in found[field]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ＳＫＵ－１２", "SKU-12"), ("　ａ１　", "a1"), ("ー", "-"), ("SKU–1", "SKU-1"), ("４９０２", "4902")],
)
def test_what_an_input_method_types_is_folded(typed: str, meant: str) -> None:
    assert narrow(typed) == meant
    assert NarrowField().clean(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("１２８０", "1280"),
        ("1,280", "1280"),
        ("¥1,280.50", "1280.50"),
        ("１，２８０円", "1280"),
        ("-10", "-10"),
        ("", None),
    ],
)
def test_amounts_are_taken_as_people_write_them(typed: str, meant: str | None) -> None:
    assert AmountField(required=False).clean(typed) == (None if meant is None else Decimal(meant))


@pytest.mark.parametrize("typed", ["12,80", "1.2.3", "ten", "Infinity", "１２,３"])
def test_what_may_be_meant_otherwise_is_asked_about(typed: str) -> None:
    with pytest.raises(ValidationError, match="not a number"):
        AmountField().clean(typed)


def test_differences_are_of_what_somebody_else_changed() -> None:
    base = plain({"name": "A", "price": 1, "sku": "S", "is_new": False})
    now = plain({"name": "B", "price": 2, "sku": "S", "is_new": True})
    wanted = plain({"name": "A", "price": 3, "sku": "T", "is_new": True})

    found = {each.field: each for each in differences(base, now, wanted)}

    assert found.keys() == {"name", "price"}  # the SKU is only wanted here; both made it new
    assert found["name"].untouched
    assert not found["price"].untouched
    assert (found["price"].before, found["price"].theirs, found["price"].yours) == ("1.00", "2.00", "3.00")


def test_without_the_beginning_all_that_differs_is_told() -> None:
    found = list(differences({}, plain({"name": "B", "sku": "S"}), plain({"name": "A", "sku": "S"})))

    assert [(each.field, each.untouched) for each in found] == [("name", False)]
