"""Goods come in."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.items import checked
from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, Posted, post
from inventory.models import PostingKind


def receive_goods(
    items: Iterable[Item],
    *,
    key: str,
    actor: User | AnonymousUser | None,
    reference: str = "",
    reason: str = "",
) -> Posted:
    """`reference`: the delivery note or order. Refused for archived products and closed locations."""
    by = permitted(actor, "receive_stock", action="receive", reason=reason)
    lines = [Line(item.product_id, item.location_id, item.quantity, note=item.note) for item in checked(items)]
    return post(PostingKind.RECEIPT, lines, key=key, actor=by, reason=reason, reference=reference)
