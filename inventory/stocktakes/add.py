"""A product that was found where nobody expected it is put on the list."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from catalog.models import Product
from inventory.models import StocktakeLine
from inventory.stocktakes.count import PERMISSION
from inventory.stocktakes.hold import hold_open
from inventory.stocktakes.on_the_books import newest_movement, on_hand
from inventory.stocktakes.refused import Refused
from monitoring import audit


def add_product(stocktake_id: int, product_id: int, *, actor: User | AnonymousUser | None) -> StocktakeLine:
    """The line that is there by then, whoever added it first."""
    audit.permit(actor, PERMISSION, action="add_product", subject="stocktake", subject_id=stocktake_id)
    with transaction.atomic():
        stocktake = hold_open(stocktake_id)
        if found := StocktakeLine.objects.filter(stocktake=stocktake, product=product_id).first():
            return found
        books = (
            Product.objects.filter(pk=product_id)
            .annotate(books=on_hand(stocktake.location_id, "pk"), newest=newest_movement(stocktake.location_id, "pk"))
            .first()
        )
        if books is None:
            raise Refused("There is no such product any more.")
        line = StocktakeLine.objects.create(
            stocktake=stocktake, product=books, expected=books.books, movement_at_open=books.newest, found=True
        )
        audit.record(actor, "add_product", "stocktake", stocktake.pk, sku=books.sku)
        return line
