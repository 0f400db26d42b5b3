"""What the books say of a level at this moment: what is on hand, and the newest movement that made it so."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from inventory.models import StockLevel, StockMovement


def on_hand(location_id: int, product: str = "product_id") -> Any:
    """For a queryset of rows with a product; 0 where the product never lay there."""
    levels = StockLevel.objects.filter(product=OuterRef(product), location=location_id)
    return Coalesce(Subquery(levels.values("on_hand")[:1]), Value(0))


def newest_movement(location_id: int, product: str = "product_id") -> Any:
    """Its id; 0 where there is none. Read in one statement with `on_hand`, the two belong together."""
    moved = StockMovement.objects.filter(product=OuterRef(product), location=location_id).order_by("-pk")
    return Coalesce(Subquery(moved.values("pk")[:1]), Value(0))
