"""Discarded letters are open again, within a day of their being discarded."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.letters.close import reopen_letters
from batches.letters.discard import PERMISSION
from batches.letters.filters import LetterFilter
from batches.letters.in_batches import in_batches
from batches.letters.recorded import record_letters
from batches.states import LetterStatus
from monitoring import audit, telemetry
from pages.reason import checked_reason

HOURS = 24


class Restored(NamedTuple):
    """`late` were discarded longer ago, or are somebody else's doing by now."""

    restored: int
    late: int


def restore(which: LetterFilter, *, actor: User | AnonymousUser | None, reason: str) -> Restored:
    """Restore the discarded letters of the filter. PermissionDenied, NoReason, BadFilter. Batches as in `discard`."""
    by = audit.permit(actor, PERMISSION, action="restore", subject="letter", reason=reason, filters=which.as_dict())
    reason, restored, late = checked_reason(reason), 0, 0
    for ids in in_batches(which.letters().filter(status=LetterStatus.DISCARDED)):
        with transaction.atomic():
            opened = reopen_letters(ids, event="restored", message=reason, actor=by, hours=HOURS)
            record_letters(by, "restore", which, opened, reason)
        restored += len(opened)
        late += len(ids) - len(opened)
    telemetry.event("letters_restored", letters=restored, by=by.pk)
    return Restored(restored, late)
