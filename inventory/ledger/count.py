"""What a count found is put into the books: differences, so that what moved since the count stays moved."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.permitted import permitted
from inventory.ledger.post import Item, Line, Posted, post
from inventory.models import PostingKind


def count(
    items: Iterable[Item],
    *,
    key: str,
    actor: User | AnonymousUser | None,
    reference: str = "",
    reason: str = "",
) -> Posted:
    """Quantities are differences, signed: counted − on hand when it was counted. NothingToPost when all are 0.

    Shortage where fewer were counted than are reserved: those reservations are released first, by a person who knows
    whom they were promised to.
    """
    by = permitted(actor, "count_stock", action="count", reason=reason)
    lines = [Line(item.product_id, item.location_id, item.quantity, note=item.note) for item in items]
    return post(PostingKind.COUNT, lines, key=key, actor=by, reason=reason, reference=reference)
