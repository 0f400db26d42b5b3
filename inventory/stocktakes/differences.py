"""What a stocktake has found so far: the lines that differ, how many, and what that is worth by price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet

from inventory.models import StocktakeLine
from inventory.models.stocktake import DIFFERS

# Of a product, what no line shows.
WEIGHTY = ("product__description", "product__folded", "product__pairs")
MONEY = DecimalField(max_digits=20, decimal_places=2)


def differing(stocktake_id: int) -> QuerySet[StocktakeLine]:
    """Counted lines that differ from what the books said when they were counted."""
    return StocktakeLine.objects.filter(DIFFERS, stocktake=stocktake_id)


def differences(stocktake_id: int) -> QuerySet[StocktakeLine]:
    """The same with the difference's `value` by price, in the order of the list."""
    value = ExpressionWrapper(F("difference") * F("product__price"), output_field=MONEY)
    found = differing(stocktake_id).annotate(value=value)
    return found.select_related("product", "counted_by").defer(*WEIGHTY).order_by("pk")


@dataclass(frozen=True)
class Totals:
    """Lines, then pieces and money that were found too many and too few."""

    lines: int
    counted: int
    verified: int
    differing: int
    more: int
    less: int
    value_more: Decimal
    value_less: Decimal

    @property
    def uncounted(self) -> int:
        return self.lines - self.counted

    @property
    def percent(self) -> float:
        return 100 * self.counted / self.lines if self.lines else 0.0

    @property
    def pieces(self) -> int:
        return self.more - self.less

    @property
    def value(self) -> Decimal:
        return self.value_more - self.value_less


PROGRESS = """
    SELECT count(*), count(counted), count(*) FILTER (WHERE verified), count(*) FILTER (WHERE difference <> 0)
    FROM inventory_stocktakeline WHERE stocktake_id = %s"""
SUMS = """
    SELECT coalesce(sum(by) FILTER (WHERE by > 0), 0), coalesce(-sum(by) FILTER (WHERE by < 0), 0),
        coalesce(sum(by * price) FILTER (WHERE by > 0), 0), coalesce(-sum(by * price) FILTER (WHERE by < 0), 0)
    FROM (SELECT s.difference AS by, p.price FROM inventory_stocktakeline s
        JOIN catalog_product p ON p.id = s.product_id
        WHERE s.stocktake_id = %s AND (s.difference < 0 OR s.difference > 0)) AS differing"""


def progress(stocktake_id: int) -> Totals:
    """How far it is, without what it comes to: asked for after each line that is saved."""
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, [stocktake_id])
        lines, counted, verified, differ = cursor.fetchone()
        return Totals(lines, counted, verified, differ, 0, 0, Decimal(0), Decimal(0))


def totals(stocktake_id: int) -> Totals:
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, [stocktake_id])
        counts = cursor.fetchone()
        cursor.execute(SUMS, [stocktake_id])
        return Totals(*counts, *cursor.fetchone())
