"""A posting is taken back, whole and once: the opposite movements, so that both stay to be seen."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from inventory.ledger.permitted import permitted
from inventory.ledger.post import Line, Posted, post
from inventory.ledger.refused import StockRefused
from inventory.models import PostingKind, StockPosting
from pages.reason import checked_reason


def reverse(posting: StockPosting, *, actor: User | AnonymousUser | None, reason: str, key: str = "") -> Posted:
    """Shortage when what came in has gone since, AlreadyReversed for a second one, NoReason without a reason.

    Without a key of the caller's, each request to take this posting back for this reason is the same one.
    """
    by = permitted(actor, "reverse_stock", action="reverse", reason=reason)
    why = checked_reason(reason)
    if posting.kind == PostingKind.REVERSAL:
        raise StockRefused(f"Posting {posting.pk} takes another one back: post that one anew instead.")
    lines = [
        Line(moved.product_id, moved.location_id, -moved.quantity, -moved.reserved, moved.note)
        for moved in posting.movements.order_by("line")
    ]
    return post(
        PostingKind.REVERSAL, lines, key=key or f"reverse/{posting.pk}", actor=by, reason=why,
        reference=posting.reference, reverses=posting,
    )  # fmt: skip
