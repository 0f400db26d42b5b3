"""What lies at each location, all products together: shown above the list of levels."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from inventory.pages import links
from inventory.states import LevelState

MOST = 24  # locations shown
SUMS = """
    SELECT l.id, l.code, l.name, count(s.id), coalesce(sum(s.on_hand), 0), coalesce(sum(s.reserved), 0),
        count(s.id) FILTER (WHERE s.on_hand <= s.reserved),
        count(s.id) FILTER (WHERE s.reorder_point > 0 AND s.on_hand <= s.reorder_point + s.reserved
            AND s.on_hand > s.reserved)
    FROM inventory_location l LEFT JOIN inventory_stocklevel s ON s.location_id = l.id
    WHERE l.is_active OR s.on_hand > 0 GROUP BY l.id ORDER BY upper(l.code) LIMIT %s"""


@dataclass(frozen=True)
class Total:
    location: int
    code: str
    name: str
    products: int
    on_hand: int
    reserved: int
    out: int
    low: int

    @property
    def url(self) -> str:
        return links.levels(location=self.location)

    @property
    def out_url(self) -> str:
        return links.levels(location=self.location, state=LevelState.OUT)

    @property
    def low_url(self) -> str:
        return links.levels(location=self.location, state=LevelState.LOW)


def location_totals() -> list[Total]:
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [MOST])
        return [Total(*row) for row in cursor.fetchall()]
