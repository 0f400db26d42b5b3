"""Lines that somebody else has put right since they were counted: their difference must not be posted on top of it.

What moves goods (a receipt, a shipment, a transfer) leaves a count as true as it was, and stays. A count and an
adjustment say what lies there, as this line does: two such sayings of one shelf are not added up.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from inventory.models import MovementKind, StockMovement, StocktakeLine
from inventory.stocktakes.differences import differing

ABSOLUTE = (MovementKind.COUNT, MovementKind.ADJUSTMENT)


def contested(stocktake_id: int, but: int | None = None) -> QuerySet[StocktakeLine]:
    """`but`: the stocktake's own posting."""
    since = StockMovement.objects.filter(
        product=OuterRef("product"), location=OuterRef("stocktake__location"), pk__gt=OuterRef("movement_then"),
        kind__in=ABSOLUTE,
    )  # fmt: skip
    if but is not None:
        since = since.exclude(posting=but)
    return differing(stocktake_id).filter(Exists(since)).select_related("product")
