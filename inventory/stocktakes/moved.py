"""Movements that came while people were counting: before their line was counted, and after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from inventory.models import StockMovement, Stocktake, StocktakeLine
from inventory.stocktakes.contested import ABSOLUTE

MOST_TOLD = 5  # newest movements of a line
# A level says when its posting began, which may be before a stocktake was opened that did not see it yet.
LONGEST_POSTING = timedelta(hours=1)
# From the few levels that were written since to their lines, and to the ledger: of a large stocktake, most did not.
# The planner, left to itself, asks the ledger for each line first.
MOVED = """
    WITH written AS MATERIALIZED (
        SELECT product_id FROM inventory_stocklevel WHERE location_id = %s AND updated_at >= %s
    ), line AS MATERIALIZED (
        SELECT s.id, s.product_id, s.movement_at_open, t.location_id, t.posting_id
        FROM written
        JOIN inventory_stocktake t ON t.id = %s
        JOIN inventory_stocktakeline s ON s.stocktake_id = t.id AND s.product_id = written.product_id
    )
    SELECT line.id FROM line WHERE EXISTS (SELECT FROM inventory_stockmovement m
        WHERE m.product_id = line.product_id AND m.location_id = line.location_id AND m.id > line.movement_at_open
            AND m.posting_id IS DISTINCT FROM line.posting_id AND m.quantity <> 0)"""
# The newest few of each line, by the level's index; the line's own posting is not told of.
NEWEST = """
    SELECT s.id AS line_id, m.id, m.kind, m.quantity, m.reserved, m.on_hand_after, m.at, m.posting_id,
        coalesce(m.id > s.movement_then, false) AS later
    FROM inventory_stocktakeline s
    JOIN inventory_stocktake t ON t.id = s.stocktake_id
    CROSS JOIN LATERAL (SELECT * FROM inventory_stockmovement m
        WHERE m.product_id = s.product_id AND m.location_id = t.location_id AND m.id > s.movement_at_open
            AND m.posting_id IS DISTINCT FROM t.posting_id AND m.quantity <> 0
        ORDER BY m.id DESC LIMIT %s) AS m
    WHERE s.id = ANY(%s) ORDER BY m.id"""


@dataclass
class Moved:
    """`before` the line was counted, and `after` it; for an uncounted line all are before."""

    before: list[StockMovement] = field(default_factory=list)
    after: list[StockMovement] = field(default_factory=list)

    @property
    def contested(self) -> bool:
        """Somebody else has said what lies there, after this line had."""
        return any(movement.kind in ABSOLUTE for movement in self.after)

    def __bool__(self) -> bool:
        return bool(self.before or self.after)


def moved(lines: Collection[StocktakeLine]) -> dict[int, Moved]:
    """By line's id, of those that anything happened to: one question for a page of lines."""
    found: dict[int, Moved] = {}
    if not lines:
        return found
    movements: Iterable[Any] = StockMovement.objects.raw(NEWEST, [MOST_TOLD, [line.pk for line in lines]])
    for movement in movements:
        one = found.setdefault(movement.line_id, Moved())
        (one.after if movement.later else one.before).append(movement)
    return found


def lines_that_moved(stocktake: Stocktake, lines: QuerySet[StocktakeLine]) -> QuerySet[StocktakeLine]:
    """Of `lines`, those whose level moved since the stocktake was opened."""
    asked = [stocktake.location_id, stocktake.opened_at - LONGEST_POSTING, stocktake.pk]
    return lines.filter(pk__in=RawSQL(MOVED, asked))  # noqa: S611 - constant, with parameters
