"""What left each level in the last 30 days, kept with it: for lists in the order of days of cover, which have an index.

Pages that show the figure itself read it from the ledger. A posting does not touch it: that would not tell what is no
longer of the last 30 days.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from inventory.cover import DAYS, LEAVES

# Few enough that whoever posts one of them does not notice.
AT_ONCE = 500
# All levels, as one sum of all that left: a look into the index for each takes twice as long.
DIFFERING = """
    SELECT level.id
    FROM inventory_stocklevel level
    LEFT JOIN (SELECT product_id, location_id, -sum(quantity) AS pieces FROM inventory_stockmovement
        WHERE at >= %s AND quantity < 0 AND kind = ANY(%s) GROUP BY product_id, location_id) AS gone
        ON gone.product_id = level.product_id AND gone.location_id = level.location_id
    WHERE level.demand <> coalesce(gone.pieces, 0)
    ORDER BY level.id"""
LOCK = "SELECT id FROM inventory_stocklevel WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
WRITE = """
    UPDATE inventory_stocklevel level
    SET demand = (SELECT coalesce(-sum(m.quantity), 0) FROM inventory_stockmovement m
        WHERE m.product_id = level.product_id AND m.location_id = level.location_id AND m.at >= %s
            AND m.quantity < 0 AND m.kind = ANY(%s))
    WHERE level.id = ANY(%s)"""


def add_up_demand(now: datetime | None = None) -> int:
    """Levels that were brought up to date. One that is being posted is left to the next time."""
    gone = [(now or timezone.now()) - timedelta(days=DAYS), [str(kind) for kind in LEAVES]]
    differing = _numbers(DIFFERING, gone)
    return sum(_write(gone, differing[place : place + AT_ONCE]) for place in range(0, len(differing), AT_ONCE))


def _write(gone: list[Any], levels: list[int]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        # Added up by a statement of its own, once they are locked: it sees all that was posted until then.
        locked = _numbers(LOCK, [levels])
        cursor.execute(WRITE, [*gone, locked])
    return len(locked)


def _numbers(query: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [number for (number,) in cursor.fetchall()]
