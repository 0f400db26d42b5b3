"""A stocktake is given up: nothing of it is posted, and what was counted stays to be read."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from inventory.models import Stocktake, StocktakeStatus
from inventory.stocktakes.hold import hold_open
from monitoring import audit
from pages.reason import checked_reason

PERMISSION = "inventory.count_stock"


def cancel_stocktake(stocktake_id: int, *, actor: User | AnonymousUser | None, reason: str) -> None:
    """Refused when it is posted or cancelled already."""
    person = audit.permit(
        actor, PERMISSION, action="cancel", subject="stocktake", subject_id=stocktake_id, reason=reason
    )
    why = checked_reason(reason)
    with transaction.atomic():
        stocktake = hold_open(stocktake_id)
        Stocktake.objects.filter(pk=stocktake.pk).update(
            status=StocktakeStatus.CANCELLED, closed_by=person, closed_at=Now()
        )
        audit.record(person, "cancel", "stocktake", stocktake.pk, reason=why)
