"""How a level stands: what a page colours, and what its filter asks for."""

from __future__ import annotations

from django.db.models import F, Q, TextChoices

from inventory.models import StockLevel


class LevelState(TextChoices):
    OUT = "out", "Out of stock"
    LOW = "low", "Below reorder point"
    OK = "ok", "In stock"


# Word for word what the partial indexes of the levels say.
OUT = Q(on_hand__lte=F("reserved"))
LOW = Q(reorder_point__gt=0) & Q(on_hand__lte=F("reorder_point") + F("reserved"))
IN_STATE = {LevelState.OUT: OUT, LevelState.LOW: LOW & ~OUT, LevelState.OK: ~OUT & ~LOW}


def state_of(level: StockLevel) -> LevelState:
    """At the reorder point is low too: it is the point at which to order."""
    if level.available <= 0:
        return LevelState.OUT
    low = level.reorder_point > 0 and level.available <= level.reorder_point
    return LevelState.LOW if low else LevelState.OK
