"""The books are put right by hand: breakage, a find, a mistake. Always with a reason."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, Posted, post
from inventory.models import PostingKind
from pages.reason import checked_reason


def adjust(
    items: Iterable[Item],
    *,
    key: str,
    actor: User | AnonymousUser | None,
    reason: str,
    reference: str = "",
) -> Posted:
    """Quantities are signed: by how much what is on hand changes. NoReason without a reason."""
    by = permitted(actor, "adjust_stock", action="adjust", reason=reason)
    lines = [Line(item.product_id, item.location_id, item.quantity, note=item.note) for item in items]
    return post(PostingKind.ADJUSTMENT, lines, key=key, actor=by, reason=checked_reason(reason), reference=reference)
