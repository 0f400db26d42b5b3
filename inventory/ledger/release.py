"""A promise is taken back: reserved pieces are available again."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.items import checked
from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, Posted, post
from inventory.models import PostingKind


def release(
    items: Iterable[Item],
    *,
    key: str,
    actor: User | AnonymousUser | None,
    reference: str = "",
    reason: str = "",
) -> Posted:
    """Shortage when less is reserved."""
    by = permitted(actor, "ship_stock", action="release", reason=reason)
    lines = [Line(item.product_id, item.location_id, 0, -item.quantity, item.note) for item in checked(items)]
    return post(PostingKind.RELEASE, lines, key=key, actor=by, reason=reason, reference=reference)
