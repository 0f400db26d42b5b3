"""How much there is of each of some products, over all locations: for the lists of products."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum

from catalog.stock_column import Stock
from inventory.models import StockLevel


def stock_of_products(product_ids: Sequence[int]) -> dict[int, Stock]:
    levels = StockLevel.objects.filter(product__in=product_ids).order_by().values("product")
    summed = levels.annotate(there=Sum("on_hand"), promised=Sum("reserved"))
    return {row["product"]: Stock(row["there"], row["there"] - row["promised"]) for row in summed}
