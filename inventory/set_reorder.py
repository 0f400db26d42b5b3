"""When a level is low, and how much is ordered then: said by a person."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from inventory.ledger import low_stock
from inventory.models import StockLevel
from monitoring import audit

PERMISSION = "inventory.change_stocklevel"
MOST = 1_000_000_000


class Refused(ValueError):
    """In a sentence; nothing was changed."""


def set_reorder(
    level_id: int,
    *,
    point: int,
    quantity: int,
    seen: tuple[int, int],
    actor: User | AnonymousUser | None,
) -> StockLevel:
    """`seen`: point and quantity as whoever changes them was shown them. Alarms follow in the same transaction."""
    person = audit.permit(actor, PERMISSION, action="set_reorder", subject="level", subject_id=level_id)
    for name, value in (("reorder point", point), ("reorder quantity", quantity)):
        if not 0 <= value <= MOST:
            raise Refused(f"The {name} is a whole number from 0 to {MOST:,}.")
    with transaction.atomic():
        level = StockLevel.objects.select_for_update().get(pk=level_id)
        now = (level.reorder_point, level.reorder_quantity)
        if now == (point, quantity):
            return level
        if now != seen:
            raise Refused(f"Somebody else set them to {now[0]:,} and {now[1]:,} meanwhile: look again, and save again.")
        level.reorder_point, level.reorder_quantity = point, quantity
        level.save(update_fields=["reorder_point", "reorder_quantity"])
        _settle(level)
        audit.record(person, "set_reorder", "level", level.pk, point=[now[0], point], quantity=[now[1], quantity])
        return level


def _settle(level: StockLevel) -> None:
    """The line was moved, not the level: it is low or it is not, whichever side it came from."""
    if 0 < level.reorder_point >= level.available:
        low_stock.open_for([low_stock.Change(level.pk, level.available, level.available, level.reorder_point)])
    else:
        low_stock.close_for([level.pk])
