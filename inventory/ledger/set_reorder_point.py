"""From when on a level is low, and how many are ordered then."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, connection, transaction

from inventory.ledger import low_stock
from inventory.ledger.lines import MOST_PIECES
from inventory.ledger.refused import BadLine, StockRefused
from inventory.ledger.statements import ADD_LEVEL
from inventory.models import StockLevel
from monitoring import audit

PERMISSION = "inventory.change_stocklevel"


class Changed(StockRefused):
    """Somebody else was quicker."""


def set_reorder_point(
    product_id: int,
    location_id: int,
    *,
    reorder_point: int,
    reorder_quantity: int,
    actor: User | AnonymousUser | None,
    reason: str = "",
    seen: tuple[int, int] | None = None,
) -> StockLevel:
    """Low at or below `reorder_point`; 0: never told. Low stock opens and closes by the new point at once.

    A product that was never at the location gets a level there: it is low until some come. `seen`: point and quantity
    as the person was shown them; Changed when somebody else has set others since.
    """
    by = audit.permit(
        actor, PERMISSION, action="set reorder point", subject="level", reason=reason,
        product=product_id, location=location_id,
    )  # fmt: skip
    for name, pieces in (("reorder point", reorder_point), ("reorder quantity", reorder_quantity)):
        if type(pieces) is not int or not 0 <= pieces <= MOST_PIECES:
            raise BadLine(f"The {name} is {pieces!r}: a whole number from 0 to {MOST_PIECES:,} is needed.")
    with transaction.atomic():
        level = _locked(product_id, location_id)
        before = {"point": level.reorder_point, "quantity": level.reorder_quantity}
        if seen is not None and seen != tuple(before.values()) != (reorder_point, reorder_quantity):
            raise Changed(
                f"Somebody else set them to {before['point']:,} and {before['quantity']:,} meanwhile: look again, and"
                " save again."
            )
        after = {"point": reorder_point, "quantity": reorder_quantity}
        if before == after:
            return level
        level.reorder_point, level.reorder_quantity = reorder_point, reorder_quantity
        level.save(update_fields=["reorder_point", "reorder_quantity"])
        low_stock.settle_anew(level)
        audit.record(by, "set reorder point", "level", level.pk, reason=reason, before=before, after=after)
    return level


def _locked(product_id: int, location_id: int) -> StockLevel:
    find = StockLevel.objects.select_for_update().filter(product_id=product_id, location_id=location_id)
    if (level := find.first()) is not None:
        return level
    try:
        # Foreign keys are looked at when a transaction ends, unless they are asked to now.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ADD_LEVEL, [product_id, location_id])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError:
        raise BadLine(f"There is no product {product_id}, or no location {location_id}.") from None
    return find.get()
