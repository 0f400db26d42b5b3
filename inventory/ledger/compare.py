"""Ledger and levels as one snapshot of the database shows them, compared by one statement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

MOST_KEPT = 100

# Each movement says what was there after it: it must be what was there before, and its change. What the newest one says
# must be the sum of all, and the level. The index of movements by level has them in this order.
COMPARE = """
    WITH chained AS (
        SELECT id, product_id, location_id, quantity, reserved, on_hand_after, reserved_after,
            row_number() OVER newest_first AS back,
            (on_hand_after - quantity, reserved_after - reserved) IS DISTINCT FROM (
                coalesce(lead(on_hand_after) OVER newest_first, 0), coalesce(lead(reserved_after) OVER newest_first, 0)
            ) AS broken
        FROM inventory_stockmovement
        WINDOW newest_first AS (PARTITION BY product_id, location_id ORDER BY id DESC)
    ), ledger AS (
        SELECT product_id, location_id, count(*) AS movements, sum(quantity) AS on_hand, sum(reserved) AS reserved,
            max(on_hand_after) FILTER (WHERE back = 1) AS last_on_hand,
            max(reserved_after) FILTER (WHERE back = 1) AS last_reserved,
            max(id) FILTER (WHERE back = 1) AS newest, min(id) FILTER (WHERE broken) AS broken_at
        FROM chained GROUP BY product_id, location_id
    ), both_sides AS (
        SELECT coalesce(level.product_id, ledger.product_id) AS product_id,
            coalesce(level.location_id, ledger.location_id) AS location_id, level.id AS level_id,
            coalesce(level.on_hand, 0) AS on_hand, coalesce(level.reserved, 0) AS reserved,
            coalesce(ledger.on_hand, 0) AS ledger_on_hand, coalesce(ledger.reserved, 0) AS ledger_reserved,
            coalesce(ledger.last_on_hand, 0) AS last_on_hand, coalesce(ledger.last_reserved, 0) AS last_reserved,
            coalesce(ledger.movements, 0) AS movements, ledger.newest, ledger.broken_at
        FROM inventory_stocklevel level
        FULL JOIN ledger ON ledger.product_id = level.product_id AND ledger.location_id = level.location_id
    ), different AS (
        SELECT * FROM both_sides
        WHERE broken_at IS NOT NULL OR level_id IS NULL OR (on_hand, reserved) <> (ledger_on_hand, ledger_reserved)
            OR (on_hand, reserved) <> (last_on_hand, last_reserved)
    ), named AS (
        SELECT product.sku, location.code, different.*
        FROM different
        LEFT JOIN catalog_product product ON product.id = different.product_id
        LEFT JOIN inventory_location location ON location.id = different.location_id
        ORDER BY different.product_id, different.location_id LIMIT %s
    )
    SELECT now(), count(level_id), coalesce(sum(movements), 0), (SELECT count(*) FROM different),
        coalesce((SELECT jsonb_agg(to_jsonb(named) ORDER BY product_id, location_id) FROM named), '[]')::text
    FROM both_sides"""


class Comparison(NamedTuple):
    """`differing`: how many levels do; `differences`: the first of them, as mappings."""

    at: datetime
    levels: int
    movements: int
    differing: int
    differences: list[dict[str, Any]]


def compare() -> Comparison:
    """Opens a transaction of its own: what others do meanwhile is not seen, and they do not wait."""
    with _snapshot(), connection.cursor() as cursor:
        cursor.execute(COMPARE, [MOST_KEPT])
        at, levels, movements, differing, differences = cursor.fetchone()
    return Comparison(at, levels, int(movements), differing, json.loads(differences))


@contextmanager
def _snapshot() -> Iterator[None]:
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
