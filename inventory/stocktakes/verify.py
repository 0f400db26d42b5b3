"""The tick beside a count: somebody looked a second time, or found just what the books say."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F

from inventory.models import StockLevel, StocktakeLine
from inventory.stocktakes.count import PERMISSION, write_count
from inventory.stocktakes.hold import hold_line
from inventory.stocktakes.refused import Conflict, Refused
from monitoring import audit


def verify(
    line_id: int,
    *,
    version: int,
    actor: User | AnonymousUser | None,
    verified: bool = True,
    shown: int | None = None,
) -> StocktakeLine:
    """An uncounted line of a prefilled stocktake is counted by this: as `shown`, if the books still say so.

    Conflict when they do not, or when somebody else changed the line. Refused in a blind one.
    """
    person = audit.permit(actor, PERMISSION, action="verify", subject="stocktake_line", subject_id=line_id)
    with transaction.atomic():
        line = hold_line(line_id)
        if line.version != version:
            if line.counted is not None and line.verified == verified and shown in (None, line.counted):
                return line
            raise Conflict("Somebody else changed this line meanwhile: look at it, and tick it again.", line)
        if line.counted is None:
            return _as_the_books_say(line, person, verified, shown)
        StocktakeLine.objects.filter(pk=line.pk).update(verified=verified, version=F("version") + 1)
        line.refresh_from_db(from_queryset=StocktakeLine.objects.select_related("stocktake", "counted_by"))
        return line


def _as_the_books_say(line: StocktakeLine, person: User, verified: bool, shown: int | None) -> StocktakeLine:
    if line.stocktake.blind or shown is None:
        raise Refused("Count it first: a tick alone says nothing of how many there are.")
    level = StockLevel.objects.filter(product=line.product_id, location=line.stocktake.location_id).first()
    books = level.on_hand if level else 0
    if books != shown:
        raise Conflict(
            f"The books say {books:,} by now, not {shown:,}: something moved. Look at the shelf again.", line
        )
    return write_count(line, shown, person, verified=verified)
