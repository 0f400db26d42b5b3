"""A person confirms or rejects what the machine read. A reviewed row is never overwritten by a later file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from batches.models import Transaction
from batches.states import ReviewState, before
from monitoring import audit, telemetry

PERMISSION = "batches.change_transaction"
MOST_AT_ONCE = 1000


class TooMany(Exception):
    """More rows than one action may change; the text says what to do."""


class Reviewed(NamedTuple):
    """`left` were in that state already, or were purged meanwhile."""

    changed: int
    left: int


def review(ids: Iterable[str], state: ReviewState, *, by: User | AnonymousUser) -> Reviewed:
    """Confirm or reject transactions. PermissionDenied for whoever may not, TooMany above MOST_AT_ONCE.

    Done twice, it is done once: a row in that state already keeps who reviewed it first, and when.
    """
    wanted = set(ids)
    told: dict[str, Any] = {"state": str(state), "ids": sorted(wanted)[:MOST_AT_ONCE]}
    by = audit.permit(by, PERMISSION, action="review", subject="transaction", subject_id=_only(wanted), **told)
    if len(wanted) > MOST_AT_ONCE:
        raise TooMany(f"At most {MOST_AT_ONCE:,} transactions can be {state} at once: narrow them down by a filter.")
    with transaction.atomic():
        changed = _changed(wanted, state, by)
        audit.record(by, "review", "transaction", _only(wanted), **told, changed=len(changed))
        LogEntry.objects.log_actions(by.pk, changed, CHANGE, change_message=f"{state.label}.")
    telemetry.event("transactions_reviewed", state=str(state), changed=len(changed), by=by.pk)
    return Reviewed(len(changed), len(wanted) - len(changed))


def _only(ids: set[str]) -> str:
    return next(iter(ids)) if len(ids) == 1 else ""


def _changed(ids: set[str], state: ReviewState, by: User) -> list[Transaction]:
    # Locked in the order of their keys, as the pipeline writes them: two that meet wait, and never for each other.
    rows = list(
        Transaction.objects.select_for_update(of=("self",)).filter(pk__in=ids, review__in=before(state)).order_by("pk")
    )
    pks = [row.pk for row in rows]
    Transaction.objects.filter(pk__in=pks, review__in=before(state)).update(
        review=state, reviewed_by=by.pk, reviewed_at=Now()
    )
    return rows
