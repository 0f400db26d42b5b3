"""Sixty days of the shop, day by day: deliveries to the warehouse, transfers to the shop, sales, damage, a count.

Pure: what is to be posted, and when. It keeps its own books, so that nothing is sold that is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from inventory.ledger.post import Line
from inventory.models import PostingKind

DAYS = 60
SALES_A_DAY = 9
DELIVERY_DAY, TRANSFER_DAYS = 0, (1, 4)  # of the week
COUNT_DAY = 45


class Posting(NamedTuple):
    key: str
    kind: PostingKind
    lines: list[Line]
    at: datetime
    reason: str = ""
    reference: str = ""


class Shop(NamedTuple):
    """Ids of the places, and of what is sold: the first ones sell best."""

    warehouse: int
    shop: int
    products: Sequence[int]


def trade(shop: Shop, opened: datetime) -> Iterator[Posting]:
    """The postings in the order of their moments, `opened` being the first morning."""
    chance = Random(60)  # noqa: S311 - made up, and the same each time
    books: Counter[tuple[int, int]] = Counter()
    for day in range(DAYS):
        morning = opened + timedelta(days=day)
        for number, posting in enumerate(_day(shop, day, books, chance)):
            for line in posting.lines:
                books[line.product_id, line.location_id] += line.quantity
            yield posting._replace(
                key=f"sample/{opened:%Y-%m-%d}/{day}/{number}", at=morning + timedelta(minutes=35 * number)
            )
    yield from _orders(shop, books, chance, opened + timedelta(days=DAYS - 1, hours=9))


def _day(shop: Shop, day: int, books: Counter[tuple[int, int]], chance: Random) -> Iterator[Posting]:
    nobody = datetime.min  # the moment is put in by `trade`  # noqa: DTZ901
    if day % 7 == DELIVERY_DAY:
        lines = [
            Line(product, shop.warehouse, chance.randrange(24, 73, 12))
            for product in shop.products
            if books[product, shop.warehouse] < 24 and (day == 0 or chance.random() < 0.7)
        ]
        if lines:
            yield Posting("", PostingKind.RECEIPT, lines, nobody, reference=f"LS-{2600 + day}")
    if day == 0 or day % 7 in TRANSFER_DAYS:
        lines = list(_to_the_shop(shop, books, chance, everything=day == 0))
        if lines:
            yield Posting("", PostingKind.TRANSFER, lines, nobody, reference=f"TR-{day:03}")
    for sale in range(SALES_A_DAY + (4 if day % 7 >= 5 else 0)):
        lines = list(_sold(shop, books, chance))
        if lines:
            yield Posting("", PostingKind.SHIPMENT, lines, nobody, reference=f"N-{day:03}{sale:02}")
    if day % 9 == 4 and (line := _broken(shop, books, chance)):
        yield Posting("", PostingKind.ADJUSTMENT, [line], nobody, reason="Damaged: fell off the shelf.")
    if day == COUNT_DAY and (lines := list(_counted(shop, books, chance))):
        yield Posting("", PostingKind.COUNT, lines, nobody, reason="Count of the shop, autumn.")


def _to_the_shop(shop: Shop, books: Counter[tuple[int, int]], chance: Random, *, everything: bool) -> Iterator[Line]:
    for product in shop.products:
        there, here = books[product, shop.warehouse], books[product, shop.shop]
        if there >= 6 and here < 8 and (everything or chance.random() < 0.8):
            pieces = min(there, 12)
            yield Line(product, shop.warehouse, -pieces)
            yield Line(product, shop.shop, pieces)


def _sold(shop: Shop, books: Counter[tuple[int, int]], chance: Random) -> Iterator[Line]:
    for product in {_favourite(shop, chance) for _ in range(chance.randrange(1, 5))}:
        pieces = min(books[product, shop.shop], chance.choice((1, 1, 1, 2, 3)))
        if pieces:
            yield Line(product, shop.shop, -pieces)


def _favourite(shop: Shop, chance: Random) -> int:
    """Few products sell most."""
    return shop.products[int(len(shop.products) * chance.random() ** 2.2)]


def _broken(shop: Shop, books: Counter[tuple[int, int]], chance: Random) -> Line | None:
    product = _favourite(shop, chance)
    return Line(product, shop.shop, -1, note="broken") if books[product, shop.shop] else None


def _counted(shop: Shop, books: Counter[tuple[int, int]], chance: Random) -> Iterator[Line]:
    for product in shop.products:
        if books[product, shop.shop] > 2 and chance.random() < 0.04:
            yield Line(product, shop.shop, chance.choice((-2, -1, -1, 1)))


def _orders(shop: Shop, books: Counter[tuple[int, int]], chance: Random, at: datetime) -> Iterator[Posting]:
    """What is promised this morning and not shipped yet."""
    for number in range(12):
        product = _favourite(shop, chance)
        if books[product, shop.shop] > 1:
            books[product, shop.shop] -= 1
            key = f"sample/{at:%Y-%m-%d}/order/{number}"
            line = Line(product, shop.shop, 0, reserved=1)
            yield Posting(
                key, PostingKind.RESERVATION, [line], at + timedelta(minutes=number), reference=f"W-{number:03}"
            )
