"""500 products of the shop in Japanese and English, the same at every run."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product as pairs
from random import Random
from typing import NamedTuple

from catalog.gtin import check_digit
from catalog.sample.goods import BRANCHES

COUNT = 500


class Item(NamedTuple):
    sku: str
    name: str
    category: str
    price: Decimal
    sale_price: Decimal | None
    barcode: str
    is_new: bool
    is_featured: bool


def items() -> Iterator[Item]:
    """COUNT of them: each good in all its kinds, the categories in turn, so that every one of them has some."""
    chosen, found = Random(2026), list(_all())  # noqa: S311 - made up, and the same each time
    chosen.shuffle(found)
    for number, (branch, good, kind) in enumerate(sorted(found[:COUNT], key=_place)):
        start, japanese, english, low, high = good
        price = Decimal(chosen.randrange(low, high + 1, 100))
        name = f"{japanese} {kind[1]}" if chosen.random() < 0.6 else f"{english}, {kind[2]}"
        body = f"4900{number + 1000:08}"
        yield Item(
            sku=f"{start}-{kind[0]}",
            name=name,
            category=branch,
            price=price,
            sale_price=(price * Decimal("0.8")).quantize(Decimal(1)) if chosen.random() < 0.12 else None,
            barcode=body + check_digit(body) if chosen.random() < 0.9 else "",
            is_new=chosen.random() < 0.1,
            is_featured=chosen.random() < 0.06,
        )


def _all() -> Iterator[tuple[str, tuple[str, str, str, int, int], tuple[str, str, str]]]:
    for branch in BRANCHES:
        for good, kind in pairs(branch.goods, branch.kinds):
            yield branch.slug, good, kind


def _place(found: tuple[str, tuple[str, str, str, int, int], tuple[str, str, str]]) -> tuple[str, str, str]:
    return found[0], found[1][0], found[2][0]
