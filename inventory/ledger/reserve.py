"""Pieces are promised: they stay on hand and are not available any more."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.items import checked
from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, Posted, post
from inventory.models import PostingKind


def reserve(
    items: Iterable[Item],
    *,
    key: str,
    actor: User | AnonymousUser | None,
    reference: str = "",
    reason: str = "",
) -> Posted:
    """`reference`: whom they are promised to, an order. Shortage when less is available."""
    by = permitted(actor, "ship_stock", action="reserve", reason=reason)
    lines = [Line(item.product_id, item.location_id, 0, item.quantity, item.note) for item in checked(items)]
    return post(PostingKind.RESERVATION, lines, key=key, actor=by, reason=reason, reference=reference)
