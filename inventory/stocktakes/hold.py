"""A stocktake or a line of it, held until the transaction ends.

Lock order: stocktake, lines by id, levels by product. Who counts locks the line alone and looks at the stocktake after
that: posting locks all lines before it reads them, so a count comes before the posting and is in it, or is refused.
"""

from __future__ import annotations

from inventory.models import Stocktake, StocktakeLine, StocktakeStatus
from inventory.stocktakes.refused import Refused


def hold_stocktake(stocktake_id: int) -> Stocktake:
    """Whatever its status; Refused when there is none."""
    found = Stocktake.objects.select_for_update(of=("self",)).select_related("location").filter(pk=stocktake_id).first()
    if found is None:
        raise Refused(f"There is no stocktake {stocktake_id}.")
    return found


def hold_open(stocktake_id: int) -> Stocktake:
    stocktake = hold_stocktake(stocktake_id)
    still_open(stocktake)
    return stocktake


def hold_line(line_id: int) -> StocktakeLine:
    """A line of an open stocktake, with its stocktake."""
    # `order_by`: the usual order joins the stocktake, which would be locked too, and in the wrong order.
    line = StocktakeLine.objects.select_for_update(of=("self",)).order_by("pk").filter(pk=line_id).first()
    if line is None:
        raise Refused("This line is not in the stocktake any more: load the page again.")
    # A statement of its own, after the lock was had: it sees what a posting committed meanwhile.
    line.stocktake = Stocktake.objects.get(pk=line.stocktake_id)
    still_open(line.stocktake)
    return line


def still_open(stocktake: Stocktake) -> None:
    if stocktake.status != StocktakeStatus.OPEN:
        raise Refused(f"Stocktake {stocktake.pk} is {stocktake.get_status_display().lower()}: nothing was changed.")
