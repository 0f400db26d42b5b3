"""A line is counted: against what the books say at this moment, and never over somebody else's count unseen."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from inventory.models import StocktakeLine
from inventory.stocktakes.hold import hold_line
from inventory.stocktakes.on_the_books import newest_movement, on_hand
from inventory.stocktakes.refused import Conflict, Refused
from monitoring import audit

PERMISSION = "inventory.change_stocktake"
MOST = 1_000_000_000


def count_line(
    line_id: int, counted: int, *, version: int, actor: User | AnonymousUser | None, verified: bool = False
) -> StocktakeLine:
    """`version` is the one that whoever counts was shown. Conflict when another has counted since, and otherwise.

    The same figure sent twice is one count: a form sent again finds its own version gone, and its count there.
    """
    person = audit.permit(actor, PERMISSION, action="count", subject="stocktake_line", subject_id=line_id)
    _checked(counted)
    with transaction.atomic():
        line = hold_line(line_id)
        if line.version != version:
            if (line.counted, line.verified) == (counted, verified):
                return line
            raise Conflict(_meanwhile(line, counted), line)
        return write_count(line, counted, person, verified=verified)


def count_more(line_id: int, by: int, *, actor: User | AnonymousUser | None) -> StocktakeLine:
    """`by` pieces more, for a scanner: two who scan the same product on two shelves add up, whoever is first."""
    person = audit.permit(actor, PERMISSION, action="count", subject="stocktake_line", subject_id=line_id)
    with transaction.atomic():
        line = hold_line(line_id)
        counted = _checked((line.counted or 0) + by)
        return write_count(line, counted, person, verified=False)


def write_count(line: StocktakeLine, counted: int, person: User, *, verified: bool) -> StocktakeLine:
    """The line is held by the caller."""
    location = line.stocktake.location_id
    StocktakeLine.objects.filter(pk=line.pk).update(
        counted=counted, verified=verified, counted_by=person, counted_at=Now(), version=F("version") + 1,
        on_hand_then=on_hand(location), movement_then=newest_movement(location),
    )  # fmt: skip
    line.refresh_from_db(from_queryset=StocktakeLine.objects.select_related("stocktake", "counted_by"))
    return line


def _checked(counted: int) -> int:
    if not 0 <= counted <= MOST:
        raise Refused(f"{counted:,} cannot have been counted: type a whole number from 0 to {MOST:,}.")
    return counted


def _meanwhile(line: StocktakeLine, counted: int) -> str:
    who = line.counted_by.get_username() if line.counted_by else "A result file"
    if line.counted is None:
        return f"The line was changed while you counted {counted:,}: look at it, and save again."
    return f"{who} counted {line.counted:,} here while you counted {counted:,}: keep theirs, or save yours again."
