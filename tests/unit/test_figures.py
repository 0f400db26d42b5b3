"""How figures are written for people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pages.figures import things
from pages.templatetags.nightshelf import amount, signed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (Decimal(0), "0"),
        (Decimal("-2800.00"), "−2,800"),
        (Decimal("-0.5"), "−0.50"),
        (Decimal(1234567), "1,234,567"),
    ],
)
def test_money_has_a_true_minus_and_cents_where_there_are_some(value: Any, written: str) -> None:
    assert amount(value) == written


def test_changes_have_a_sign() -> None:
    assert [signed(-1), signed(12_345), signed(0)] == ["−1", "+12,345", "–"]


def test_one_thing_is_not_many() -> None:
    assert [things(number, "product") for number in (0, 1, 2800)] == ["0 products", "1 product", "2,800 products"]
