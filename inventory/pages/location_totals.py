"""What lies at each location, all products together: shown above the list of levels."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from inventory.pages import links
from inventory.states import LevelState

MOST = 24  # locations shown
# Added up first: to join each level to its location takes as long again.
SUMS = """
    SELECT l.id, l.code, l.name, coalesce(s.products, 0), coalesce(s.on_hand, 0), coalesce(s.reserved, 0),
        coalesce(s.out, 0), coalesce(s.low, 0)
    FROM inventory_location l
    LEFT JOIN (
        SELECT location_id, count(*) AS products, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
            count(*) FILTER (WHERE on_hand <= reserved) AS out,
            count(*) FILTER (WHERE reorder_point > 0 AND on_hand <= reorder_point + reserved AND on_hand > reserved)
                AS low
        FROM inventory_stocklevel GROUP BY location_id
    ) AS s ON s.location_id = l.id
    WHERE l.is_active OR s.on_hand > 0 ORDER BY upper(l.code) LIMIT %s"""


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
