"""Counts that could not be put into a stocktake are tried again: their product or location is there by now."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.counts.wake import wake_counters
from batches.models import CountedStock
from monitoring import audit

PERMISSION = "batches.change_countedstock"
MOST_AT_ONCE = 1000


def place_again(ids: Iterable[str], *, actor: User | AnonymousUser | None) -> int:
    """Return how many wait again. Counts without a problem are left alone. PermissionDenied."""
    wanted = sorted(set(ids))[:MOST_AT_ONCE]
    by = audit.permit(actor, PERMISSION, action="place_again", subject="count", counts=len(wanted))
    with transaction.atomic():
        again = CountedStock.objects.filter(pk__in=wanted).exclude(problem="").update(placed=None, problem="")
        if again:
            audit.record(by, "place_again", "count", counts=again, ids=wanted)
        transaction.on_commit(wake_counters)
    return again
