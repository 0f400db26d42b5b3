"""What the tests of stocktakes share: people, and a count on its way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from inventory.models import StockLevel, Stocktake, StocktakeLine
from inventory.stocktakes.count import count_line
from inventory.stocktakes.open import open_stocktake
from tests.integration.pages import person

COUNTS = ("view_stocktake", "add_stocktake", "change_stocktake")
POSTS = (*COUNTS, "count_stock")


def a_counter(name: str = "counter") -> User:
    return person(*POSTS, name=name)


def opened(level: StockLevel, actor: User, **more: Any) -> Stocktake:
    return open_stocktake(location_id=level.location_id, actor=actor, **more).stocktake


def line_of(stocktake: Stocktake, level: StockLevel) -> StocktakeLine:
    return StocktakeLine.objects.get(stocktake=stocktake, product=level.product_id)


def counted(stocktake: Stocktake, level: StockLevel, pieces: int, actor: User, **more: Any) -> StocktakeLine:
    line = line_of(stocktake, level)
    return count_line(line.pk, pieces, version=line.version, actor=actor, **more)
