"""Many counts at once, as a result file brings them: set-based, and doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from inventory.stocktakes.hold import hold_open


class Counted(NamedTuple):
    product_id: int
    counted: int


class Taken(NamedTuple):
    """`kept` are products that a person had counted meanwhile with another result: theirs stays."""

    added: int
    changed: int
    unchanged: int
    kept: list[int]


# A line that is there already keeps what was expected; a person's count is never overwritten by a machine's.
TAKE = """
    INSERT INTO inventory_stocktakeline AS s
        (stocktake_id, product_id, expected, movement_at_open, verified, found, version, counted, on_hand_then,
         movement_then, counted_at)
    SELECT %(stocktake)s, g.product, coalesce(l.on_hand, 0), n.newest, false, l.id IS NULL, 1, g.counted,
        coalesce(l.on_hand, 0), n.newest, now()
    FROM unnest(%(products)s::bigint[], %(counts)s::int[]) AS g (product, counted)
    LEFT JOIN inventory_stocklevel l ON l.product_id = g.product AND l.location_id = %(location)s
    CROSS JOIN LATERAL (SELECT coalesce((SELECT m.id FROM inventory_stockmovement m WHERE m.product_id = g.product
        AND m.location_id = %(location)s ORDER BY m.id DESC LIMIT 1), 0) AS newest) AS n
    ORDER BY g.product
    ON CONFLICT (stocktake_id, product_id) DO UPDATE SET counted = excluded.counted,
        on_hand_then = excluded.on_hand_then, movement_then = excluded.movement_then, counted_at = now(),
        verified = false, version = s.version + 1
    WHERE s.counted_by_id IS NULL AND s.counted IS DISTINCT FROM excluded.counted
    RETURNING product_id, version = 1"""
KEPT = """
    SELECT product_id FROM inventory_stocktakeline
    JOIN unnest(%(products)s::bigint[], %(counts)s::int[]) AS g (product, counted) ON g.product = product_id
    WHERE stocktake_id = %(stocktake)s AND counted_by_id IS NOT NULL
        AND inventory_stocktakeline.counted <> g.counted ORDER BY 1"""


def take_counts(stocktake_id: int, lines: Sequence[Counted]) -> Taken:
    """The last of several counts of one product holds. Refused when the stocktake is not open any more."""
    last = {line.product_id: line.counted for line in lines}
    with transaction.atomic(), connection.cursor() as cursor:
        stocktake = hold_open(stocktake_id)
        given: dict[str, Any] = {
            "stocktake": stocktake.pk, "location": stocktake.location_id,
            "products": list(last), "counts": list(last.values()),
        }  # fmt: skip
        cursor.execute(TAKE, given)
        written = cursor.fetchall()
        cursor.execute(KEPT, given)
        kept = [product for (product,) in cursor.fetchall()]
    added = sum(new for _, new in written)
    return Taken(added, len(written) - added, len(last) - len(written) - len(kept), kept)
