"""A person gives letters up, with a reason; for a day they can be had back (`restore`)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.letters.close import close_letters
from batches.letters.filters import LetterFilter
from batches.letters.in_batches import in_batches
from batches.letters.recorded import record_letters
from batches.states import LetterStatus
from monitoring import audit, telemetry
from pages.reason import checked_reason

PERMISSION = "batches.discard_deadletter"


def discard(
    which: LetterFilter,
    *,
    actor: User | AnonymousUser | None,
    reason: str,
    told: Callable[[int], object] = lambda done: None,
    newest: int | None = None,
) -> int:
    """Discard the open letters of the filter, and return how many. PermissionDenied, NoReason, BadFilter.

    A thousand in each transaction, with the audit log's entry for just these: killed in between, what was done is
    told, and doing it again does the rest. `told` is called with the number done so far; `newest` see `in_batches`.
    """
    by = audit.permit(actor, PERMISSION, action="discard", subject="letter", reason=reason, filters=which.as_dict())
    reason, done = checked_reason(reason), 0
    for ids in in_batches(which.letters().filter(status=LetterStatus.OPEN), newest):
        with transaction.atomic():
            closed = close_letters(ids, LetterStatus.DISCARDED, event="discarded", message=reason, actor=by)
            record_letters(by, "discard", which, closed, reason)
        done += len(closed)
        told(done)
    telemetry.event("letters_discarded", letters=done, by=by.pk)
    return done
