"""Days of cover: how long what is available lasts, at the pace at which it left in the last 30 days.

What leaves is what was shipped, and what an adjustment took away: used, damaged or lost, it has to come again.
Transfers and counts are no demand.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from inventory.models import MovementKind, StockLevel

DAYS = 30
LEAVES = (MovementKind.SHIPMENT, MovementKind.ADJUSTMENT)
# One look into the index for each level of the page, whatever else moved.
LEFT = """
    SELECT level.id, left_in.pieces
    FROM inventory_stocklevel level
    CROSS JOIN LATERAL (SELECT -sum(m.quantity) AS pieces FROM inventory_stockmovement m
        WHERE m.product_id = level.product_id AND m.location_id = level.location_id AND m.at >= %s
            AND m.quantity < 0 AND m.kind = ANY(%s)) AS left_in
    WHERE level.id = ANY(%s) AND left_in.pieces > 0"""


def left_of(levels: Collection[StockLevel], now: datetime | None = None) -> dict[int, int]:
    """Pieces that left in the last 30 days, by level; levels that nothing left are not in it."""
    if not levels:
        return {}
    since = (now or timezone.now()) - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [since, [str(kind) for kind in LEAVES], [level.pk for level in levels]])
        return dict(cursor.fetchall())


def days_of(level: StockLevel, left: int | None) -> float | None:
    """None: nothing left, so nobody can say."""
    return max(level.available, 0) * DAYS / left if left else None
