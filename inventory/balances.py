"""What was on hand over time, at as many moments as a chart has room for, however often it changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from inventory.models import Location

MOMENTS = 120
MOST_LOCATIONS = 8
# For each location and moment the last movement by then: that many looks into the index, however long the history.
AT = """
    SELECT l.location_id, t.at, coalesce((SELECT m.on_hand_after FROM inventory_stockmovement m
        WHERE m.product_id = %(product)s AND m.location_id = l.location_id AND m.at <= t.at
        ORDER BY m.at DESC, m.id DESC LIMIT 1), 0)
    FROM unnest(%(locations)s::bigint[]) AS l (location_id)
    CROSS JOIN generate_series(%(since)s::timestamptz, %(until)s::timestamptz, %(step)s::interval) AS t (at)
    ORDER BY 1, 2"""


def balances(
    product_id: int, locations: list[Location], days: int, now: datetime | None = None
) -> dict[Location, list[tuple[datetime, int]]]:
    """For each location its balance at MOMENTS + 1 moments of the last `days`, the newest last."""
    until = now or timezone.now()
    asked: dict[str, Any] = {
        "product": product_id, "locations": [location.pk for location in locations],
        "since": until - timedelta(days=days), "until": until, "step": timedelta(days=days) / MOMENTS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(AT, asked)
        rows = cursor.fetchall()
    return {location: [(at, pieces) for pk, at, pieces in rows if pk == location.pk] for location in locations}
