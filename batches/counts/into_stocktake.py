"""Counts of one job and location are given to inventory, which opens the stocktake or goes on with the one there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models.functions import Upper

from batches.counts.waiting import Place
from batches.models import CountedStock
from catalog.models import Product
from inventory.models import Location, StocktakeLine
from inventory.stocktakes.open import open_stocktake
from inventory.stocktakes.refused import Refused
from inventory.stocktakes.take_counts import Counted

NOTE = "Counted by job {job}. Look at the differences, put right what is wrong, and post it."
NO_LOCATION = "Location {code} is not registered any more: register it, and place the count again."
NO_PRODUCT = "SKU {sku} is not in the catalogue any more: register it, and place the count again."
KEPT = "In stocktake {id} a person has counted otherwise: theirs stays, and this count of {quantity} was not put there."
REFUSED = "{why} Place the count again when that is put right, or count it in another stocktake."


class Given(NamedTuple):
    """`lines`: the stocktake's line by count. `problems`: why a count is not (or not as it says) in a stocktake."""

    stocktake_id: int | None
    lines: dict[str, int]
    problems: dict[str, str]


def into_stocktake(place: Place, counts: Sequence[CountedStock]) -> Given:
    """In the caller's transaction, which holds the counts. Each of them has a line or a problem afterwards, or both."""
    location = Location.objects.alias(upper=Upper("code")).filter(upper=place.location.upper()).first()
    if location is None:
        return Given(None, {}, {str(count.pk): NO_LOCATION.format(code=place.location) for count in counts})
    products = _products(counts)
    known = [(count, products[count.sku.upper()]) for count in counts if count.sku.upper() in products]
    problems = {str(c.pk): NO_PRODUCT.format(sku=c.sku) for c in counts if c.sku.upper() not in products}
    if not known:
        return Given(None, {}, problems)
    try:
        # A savepoint: what is refused leaves nothing, not even a stocktake that was just opened.
        with transaction.atomic():
            opened = open_stocktake(
                location_id=location.pk, actor=None, source=place.job_id, note=NOTE.format(job=place.job_id),
                lines=[Counted(product, count.quantity) for count, product in known],
            )  # fmt: skip
    except Refused as why:
        return Given(None, {}, problems | {str(count.pk): REFUSED.format(why=why) for count, _ in known})
    stocktake = opened.stocktake.pk
    kept = set(opened.taken.kept) if opened.taken else set()
    told = {str(c.pk): KEPT.format(id=stocktake, quantity=c.quantity) for c, product in known if product in kept}
    found = StocktakeLine.objects.filter(stocktake=stocktake, product__in=[product for _, product in known])
    lines = dict(found.values_list("product", "pk"))
    return Given(stocktake, {str(count.pk): lines[product] for count, product in known}, problems | told)


def _products(counts: Sequence[CountedStock]) -> dict[str, int]:
    skus = {count.sku.upper() for count in counts}
    return dict(Product.objects.alias(upper=Upper("sku")).filter(upper__in=skus).values_list(Upper("sku"), "pk"))
