"""Positive pieces, as people say them: the verb knows which way they go."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.ledger.lines import Item
from inventory.ledger.refused import BadLine, told


def checked(items: Iterable[Item]) -> list[Item]:
    found = list(items)
    rows = [
        {
            "product": item.product_id,
            "location": item.location_id,
            "message": f"The line of product {item.product_id} at location {item.location_id} says {item.quantity!r}"
            " pieces: a whole number above 0 is needed.",
        }
        for item in found
        if type(item.quantity) is not int or item.quantity < 1
    ]
    if rows:
        raise BadLine(told([str(row["message"]) for row in rows]), rows)
    return found
