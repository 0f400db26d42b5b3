"""Goods go out."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.items import checked
from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, Posted, post
from inventory.models import PostingKind


def ship(
    items: Iterable[Item],
    *,
    key: str,
    actor: User | AnonymousUser | None,
    reserved_first: bool = False,
    reference: str = "",
    reason: str = "",
) -> Posted:
    """`reserved_first`: take what is reserved there as far as it goes, and the rest from what is available; otherwise
    only from what is available. How much was reserved is looked at under the level's lock. Shortage when there is less.
    """
    by = permitted(actor, "ship_stock", action="ship", reason=reason)
    lines = [
        Line(item.product_id, item.location_id, -item.quantity, note=item.note, reserved_first=reserved_first)
        for item in checked(items)
    ]
    return post(PostingKind.SHIPMENT, lines, key=key, actor=by, reason=reason, reference=reference)
