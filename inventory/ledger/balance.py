"""A level before and after a line, and whether the line fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from inventory.ledger.accepting import Place
from inventory.ledger.lines import MOST_PIECES, Line
from inventory.ledger.refused import BadLine, Shortage, told


class Balance(NamedTuple):
    level_id: int
    on_hand_before: int
    reserved_before: int
    on_hand: int
    reserved: int
    reorder_point: int

    @property
    def available_before(self) -> int:
        return self.on_hand_before - self.reserved_before

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    @property
    def lacks(self) -> int:
        return max(-self.on_hand, -self.reserved, self.reserved - self.on_hand, 0)


def check_balances(lines: Sequence[Line], places: Sequence[Place], balances: Sequence[Balance]) -> None:
    """Shortage or BadLine for lines that do not fit; the caller's transaction is rolled back by it."""
    each = zip(lines, places, balances, strict=True)
    if rows := [_row(line, place, balance) for line, place, balance in each if balance.lacks]:
        raise Shortage(told([str(row["message"]) for row in rows]), rows)
    for balance in balances:
        if balance.on_hand > MOST_PIECES:
            raise BadLine(f"{balance.on_hand:,} pieces would be more than a level can hold: {MOST_PIECES:,}.")


def _row(line: Line, place: Place, balance: Balance) -> dict[str, Any]:
    return {
        "product": line.product_id,
        "location": line.location_id,
        "sku": place.sku,
        "code": place.code,
        "on_hand": balance.on_hand_before,
        "reserved": balance.reserved_before,
        "available": balance.available_before,
        "lacks": balance.lacks,
        "message": f"{place.sku} at {place.code}: {_fault(line, balance)}",
    }


def _fault(line: Line, balance: Balance) -> str:
    there = f"{balance.on_hand_before:,} on hand, {balance.reserved_before:,} of them reserved"
    if balance.reserved < 0:
        return f"{-line.reserved:,} reserved pieces asked, {balance.lacks:,} too many ({there})."
    asked = line.reserved if line.quantity == 0 else -line.quantity
    return f"{asked:,} asked, {balance.lacks:,} too many ({there})."
