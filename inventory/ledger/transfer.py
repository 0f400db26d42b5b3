"""Pieces go from one location to another: two movements of one posting, so none is ever on the way unseen."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.items import checked
from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, NothingToPost, Posted, post
from inventory.models import PostingKind


def transfer(
    items: Iterable[Item],
    *,
    to: int,
    key: str,
    actor: User | AnonymousUser | None,
    reference: str = "",
    reason: str = "",
) -> Posted:
    """`items` say where each lies now, `to` is the location they come to. What is reserved stays where it is."""
    by = permitted(actor, "transfer_stock", action="transfer", reason=reason)
    found = checked(items)
    if any(item.location_id == to for item in found):
        raise NothingToPost("It lies there already: choose another location to bring it to.")
    out = [Line(item.product_id, item.location_id, -item.quantity, note=item.note) for item in found]
    come = [Line(item.product_id, to, item.quantity, note=item.note) for item in found]
    return post(PostingKind.TRANSFER, [*out, *come], key=key, actor=by, reason=reason, reference=reference)
