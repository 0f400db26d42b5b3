"""What the tests of stock share: products, locations, keys, and what the database says in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.db import connection, transaction

from catalog.models import Product, ProductStatus
from inventory.ledger.compare import compare
from inventory.ledger.post import Item, Posted
from inventory.ledger.receive_goods import receive_goods
from inventory.ledger.refused import StockRefused
from inventory.models import Location, StockLevel, StockMovement

_numbers = count(100_001)  # in the order of their text too


def a_key() -> str:
    return f"key-{next(_numbers)}"


def a_product(**fields: Any) -> Product:
    number = next(_numbers)
    told = {"name": f"Product {number}", "sku": f"SKU-{number}", "price": 10, "status": ProductStatus.ACTIVE}
    return Product.objects.create(**{**told, **fields})


def a_location(**fields: Any) -> Location:
    number = next(_numbers)
    return Location.objects.create(**{"code": f"L{number}", "name": f"Location {number}", **fields})


def stocked(pieces: int, product: Product | None = None, location: Location | None = None) -> StockLevel:
    """A level with so many pieces, received by the system."""
    product, location = product or a_product(), location or a_location()
    receive_goods([Item(product.pk, location.pk, pieces)], key=a_key(), actor=None)
    return StockLevel.objects.get(product=product, location=location)


def item(level: StockLevel, pieces: int, note: str = "") -> Item:
    return Item(level.product_id, level.location_id, pieces, note)


def stands(level: StockLevel) -> tuple[int, int]:
    """On hand and reserved, as the database has them now."""
    level.refresh_from_db()
    return level.on_hand, level.reserved


def history(level: StockLevel) -> list[tuple[str, int, int, int, int]]:
    """Kind, both changes and both balances of each movement, the oldest first."""
    moved = StockMovement.objects.filter(product=level.product_id, location=level.location_id).order_by("pk")
    return list(moved.values_list("kind", "quantity", "reserved", "on_hand_after", "reserved_after"))


def assert_reconciled() -> None:
    found = compare()
    assert (found.differing, found.differences) == (0, [])


def outcome(posting: Callable[[], Posted]) -> str:
    try:
        return "again" if posting().repeated else "posted"
    except StockRefused as refusal:
        return type(refusal).__name__


TABLES = ("inventory_stocklevel", "inventory_stockmovement", "inventory_stockposting")


@contextmanager
def triggers_off() -> Iterator[Any]:
    """A transaction in which the database lets anything pass: what a mistake or a lost block could leave."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
