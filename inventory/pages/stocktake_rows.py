"""The lines of a stocktake as its page shows them, and which of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from inventory.models import StockLevel, Stocktake, StocktakeLine
from inventory.models.stocktake import DIFFERS
from inventory.stocktakes.contested import contested
from inventory.stocktakes.differences import WEIGHTY, differing
from inventory.stocktakes.moved import Moved, lines_that_moved, moved

A_PAGE = 50
SHOWN = {
    "all": "All",
    "uncounted": "To count",
    "unverified": "Not verified",
    "differing": "Differing",
    "moved": "Moved meanwhile",
}
FOR_WHO_COUNTS_BLIND = ("all", "uncounted", "unverified")


@dataclass
class Shown:
    """A line, the books' figure now (None in a blind stocktake), and what moved. `conflict`: why it was not saved."""

    line: StocktakeLine
    stocktake: Stocktake
    books: int | None
    moved: Moved
    conflict: str = ""
    typed: str = ""
    saved: bool = False
    first: bool = False

    @property
    def value(self) -> str:
        """What the input holds."""
        return self.typed or self.was

    @property
    def was(self) -> str:
        """What it held before anybody typed: what was counted, or the books' figure to be ticked."""
        if self.line.counted is not None:
            return str(self.line.counted)
        return "" if self.books is None else str(self.books)

    @property
    def difference(self) -> int | None:
        return None if self.stocktake.blind else self.line.difference

    @property
    def open(self) -> bool:
        return self.stocktake.status == "open"


def lines_of(stocktake: Stocktake) -> QuerySet[StocktakeLine]:
    lines = StocktakeLine.objects.filter(stocktake=stocktake)
    return lines.select_related("product", "counted_by").defer(*WEIGHTY)


def chosen(stocktake: Stocktake, asked: Mapping[str, str], *, blind: bool) -> tuple[str, QuerySet[StocktakeLine]]:
    """(which, lines) by the page's tab and search; in a blind count no tab tells what differs."""
    which = asked.get("show", "all")
    if which not in SHOWN or (blind and which not in FOR_WHO_COUNTS_BLIND):
        which = "all"
    lines = lines_of(stocktake)
    if which == "uncounted":
        lines = lines.filter(counted=None)
    elif which == "unverified":
        lines = lines.filter(counted__isnull=False, verified=False)
    elif which == "differing":
        lines = lines.filter(DIFFERS)
    elif which == "moved":
        lines = lines_that_moved(stocktake, lines)
    if text := asked.get("q", "").strip()[:64].replace("\0", ""):
        lines = lines.annotate(upper_sku=Upper("product__sku")).filter(
            Q(upper_sku__startswith=text.upper()) | Q(product__barcode=text) | Q(product__name__icontains=text)
        )
    return which, lines


def a_page(lines: QuerySet[StocktakeLine], after: int) -> tuple[list[StocktakeLine], int | None]:
    """The lines behind `after`, and where the next page begins."""
    found = list(lines.filter(pk__gt=after).order_by("pk")[: A_PAGE + 1])
    return found[:A_PAGE], found[A_PAGE - 1].pk if len(found) > A_PAGE else None


def shown(stocktake: Stocktake, lines: list[StocktakeLine]) -> list[Shown]:
    """With what the books say and what moved, asked for all lines together."""
    if stocktake.blind:
        return [Shown(line, stocktake, None, Moved()) for line in lines]
    levels = StockLevel.objects.filter(location=stocktake.location_id, product__in=[line.product_id for line in lines])
    books = dict(levels.values_list("product_id", "on_hand"))
    what_moved = moved(lines)
    return [Shown(line, stocktake, books.get(line.product_id, 0), what_moved.get(line.pk, Moved())) for line in lines]


def show_one(stocktake: Stocktake, line_id: int, **more: Any) -> Shown:
    line = lines_of(stocktake).get(pk=line_id)
    one = shown(stocktake, [line])[0]
    for name, value in more.items():
        setattr(one, name, value)
    return one


def to_count_again(stocktake: Stocktake) -> int:
    return contested(stocktake.pk)[:1000].count() if differing(stocktake.pk).exists() else 0
