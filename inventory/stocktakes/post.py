"""What was counted becomes one posting, once: each level changes by the difference from when its line was counted."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from inventory.ledger.post import Line, NothingToPost, post
from inventory.ledger.refused import StockRefused
from inventory.ledger.retrying import retrying
from inventory.models import PostingKind, StockPosting, Stocktake, StocktakeLine, StocktakeStatus
from inventory.stocktakes.contested import contested
from inventory.stocktakes.differences import differing
from inventory.stocktakes.hold import hold_stocktake
from inventory.stocktakes.on_the_books import newest_movement, on_hand
from inventory.stocktakes.refused import Refused
from monitoring import audit

PERMISSION = "inventory.count_stock"
LEAVE, ZERO = "leave", "zero"
MOST_TOLD = 5


class Outcome(NamedTuple):
    """`posting` is None when nothing differed; `repeated`: it was posted before, and nothing was done now."""

    stocktake: Stocktake
    posting: StockPosting | None
    repeated: bool


def key_of(stocktake_id: int) -> str:
    return f"stocktake/{stocktake_id}"


def post_stocktake(
    stocktake_id: int, *, actor: User | AnonymousUser | None, uncounted: str = "", reason: str = ""
) -> Outcome:
    """`uncounted`: LEAVE or ZERO, what becomes of lines that nobody counted; it must be said if there are any.

    Refused with a sentence: undecided lines, a level that would fall below what is reserved of it, and lines that
    another count or an adjustment has put right since they were counted.
    """
    person = audit.permit(actor, PERMISSION, action="post", subject="stocktake", subject_id=stocktake_id, reason=reason)
    return retrying(lambda own: _post(stocktake_id, person, uncounted, reason.strip()))


def _post(stocktake_id: int, person: User, uncounted: str, reason: str) -> Outcome:
    with transaction.atomic():
        stocktake = hold_stocktake(stocktake_id)
        if stocktake.status == StocktakeStatus.POSTED:
            return Outcome(stocktake, stocktake.posting, repeated=True)
        if stocktake.status != StocktakeStatus.OPEN:
            raise Refused(f"Stocktake {stocktake.pk} was cancelled: nothing of it can be posted. Open a new one.")
        # All lines, by id: a count that is being saved comes before this, or is refused.
        list(StocktakeLine.objects.filter(stocktake=stocktake).order_by("pk").select_for_update().values_list("pk"))
        zeroed = _decide(stocktake, person, uncounted)
        posting = _posted(stocktake, person, reason)
        Stocktake.objects.filter(pk=stocktake.pk).update(
            status=StocktakeStatus.POSTED, closed_by=person, closed_at=Now(), posting=posting
        )
        stocktake.refresh_from_db()
        audit.record(
            person, "post", "stocktake", stocktake.pk,
            reason=reason, posting=posting and posting.pk, uncounted=uncounted, zeroed=zeroed,
        )  # fmt: skip
        return Outcome(stocktake, posting, repeated=False)


def _decide(stocktake: Stocktake, person: User, uncounted: str) -> int:
    """How many lines were counted as zero just now."""
    open_lines = StocktakeLine.objects.filter(stocktake=stocktake, counted=None)
    if uncounted == ZERO:
        return open_lines.update(
            counted=0, counted_by=person, counted_at=Now(), version=F("version") + 1,
            on_hand_then=on_hand(stocktake.location_id), movement_then=newest_movement(stocktake.location_id),
        )  # fmt: skip
    if uncounted != LEAVE and (left := open_lines.count()):
        lines = "1 line was" if left == 1 else f"{left:,} lines were"
        raise Refused(f"{lines} not counted: say whether to leave their levels as they are, or to count them as zero.")
    return 0


def _posted(stocktake: Stocktake, person: User, reason: str) -> StockPosting | None:
    differ = differing(stocktake.pk).only("product_id", "counted", "on_hand_then", "difference", "stocktake_id")
    lines = [Line(line.product_id, stocktake.location_id, line.difference, note=_note(line)) for line in differ]
    why = reason or stocktake.note.strip() or f"Stocktake {stocktake.pk}"
    try:
        posted = post(
            PostingKind.COUNT, lines, key=key_of(stocktake.pk), actor=person,
            reason=why, reference=stocktake.source[:100] or str(stocktake),
        )  # fmt: skip
    except NothingToPost:
        return None
    except StockRefused as refusal:
        raise Refused(f"Nothing was posted. {refusal}") from refusal
    # The levels are locked from here on, so nothing slips in between this look and the end.
    if found := list(contested(stocktake.pk, but=posted.posting.pk)[: MOST_TOLD + 1]):
        raise Refused(_to_count_again(found))
    return posted.posting


def _note(line: StocktakeLine) -> str:
    return f"Counted {line.counted:,}, the books said {line.on_hand_then:,}"


def _to_count_again(lines: list[StocktakeLine]) -> str:
    skus = ", ".join(line.product.sku for line in lines[:MOST_TOLD])
    more = " and others" if len(lines) > MOST_TOLD else ""
    return (
        f"Nothing was posted. Another count or an adjustment has corrected {skus}{more} since they were counted here:"
        " posting would correct them twice. Count them again."
    )
