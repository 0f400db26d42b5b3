"""New prices of old ones: what is put on, how it is rounded, and what no product can have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.products.price_rule import PriceRule
from catalog.products.refused import Refused


def rule(**changes: Any) -> PriceRule:
    return PriceRule.of({"target": "price", "way": "percent", "value": "10", "step": "1"} | changes)


def new(price: str, sale: str | None = None, **changes: Any) -> Any:
    return rule(**changes).applied((Decimal(price), None if sale is None else Decimal(sale)))


@pytest.mark.parametrize(
    ("price", "changes", "expected"),
    [
        ("1000", {}, "1100"),
        ("995", {"value": "-10"}, "896"),  # 895.5: a half goes up
        ("985", {"value": "-10"}, "887"),  # 886.5: not to the even one
        ("995", {"value": "-10", "step": "0.01"}, "895.50"),
        ("0.05", {"value": "10", "step": "0.01"}, "0.06"),  # 0.055
        ("1280", {"step": "10"}, "1410"),  # 1408
        ("1280", {"step": "100"}, "1400"),
        ("1280", {"way": "amount", "value": "-80"}, "1200"),
        ("12.80", {"way": "amount", "value": "0.15", "step": "0.01"}, "12.95"),
        ("1280", {"value": "-100"}, "0"),
        ("0", {"value": "50"}, "0"),
    ],
)
def test_prices(price: str, changes: dict[str, str], expected: str) -> None:
    assert new(price, **changes) == (Decimal(expected), None)


def test_the_target_alone_is_changed() -> None:
    assert new("1000", "500", target="sale_price") == (1000, 550)
    assert new("1000", "500", target="price") == (1100, 500)
    assert new("1000", "500", target="both") == (1100, 550)
    assert new("1000", None, target="both") == (1100, None)


@pytest.mark.parametrize(
    ("old", "changes", "why"),
    [
        (("100", None), {"way": "amount", "value": "-101"}, "-1.00, below 0"),
        (("1000", "950"), {"value": "-10"}, "sale price 950 would be above the price 900.00"),
        (("1000", "950"), {"target": "sale_price"}, "above the price"),
        (("1000", None), {"target": "sale_price"}, "no sale price"),
        (("99999999", None), {}, "is the most"),
        (("1000", "100"), {"target": "both", "way": "amount", "value": "-500"}, "sale price would be -400.00"),
    ],
)
def test_what_no_product_can_have_is_refused(old: tuple[str, str | None], changes: dict[str, str], why: str) -> None:
    prices = (Decimal(old[0]), None if old[1] is None else Decimal(old[1]))
    made = rule(**changes)

    assert why in made.fault(prices, made.applied(prices))


def test_what_it_can_have_is_not() -> None:
    made = rule(target="both", value="-10")
    prices = (Decimal(1000), Decimal(950))

    assert made.fault(prices, made.applied(prices)) == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "ten"}, "value"), ({"value": "0"}, "value"), ({"value": "NaN"}, "value"), ({"value": None}, "value"),
        ({"value": "-101"}, "value"), ({"value": "1001"}, "value"), ({"way": "times"}, "way"), ({"step": "3"}, "step"),
        ({"target": "cost"}, "target"), ({"way": "amount", "value": "1e12"}, "value"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        rule(**changes)

    assert field in refusal.value.fields


def test_it_is_kept_and_read_again() -> None:
    made = rule(target="both", value="-7.5", step="0.01")

    assert PriceRule.of(made.as_dict()) == made
    assert str(made) == "price and sale price -7.5 %, rounded to 0.01, halves up"
