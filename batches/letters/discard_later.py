"""Discarding that takes longer than a page may wait: asked for now, done by a worker.

What is to be done is the audit log's entry; the message names it and nothing more. One that is lost costs nothing but
being asked for again: what is discarded already is left alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.letters.discard import PERMISSION, discard
from batches.letters.filters import LetterFilter
from batches.letters.in_batches import newest_of
from monitoring import audit
from monitoring.history.context import by_task
from monitoring.models import AuditEntry
from pages.reason import checked_reason

ASKED = "discard_asked"


def discard_later(which: LetterFilter, *, actor: User | AnonymousUser | None, reason: str) -> AuditEntry:
    """The entry that asks for it. PermissionDenied, NoReason, BadFilter. Letters that come later are not swept in."""
    from batches.tasks import discard_asked

    by = audit.permit(actor, PERMISSION, action=ASKED, subject="letter", reason=reason, filters=which.as_dict())
    details: dict[str, Any] = {"filters": which.as_dict(), "newest": newest_of(which.letters())}
    with transaction.atomic():
        entry = audit.record(by, ASKED, "letter", reason=checked_reason(reason), **details)
        # Not robust: with the broker away, whoever asks is told.
        transaction.on_commit(partial(discard_asked.delay, entry=entry.pk))
    return entry


def do_asked(entry_id: int) -> int:
    """Do what an entry asks for, as whoever asked, if they still may."""
    entry = AuditEntry.objects.select_related("actor").get(pk=entry_id, action=ASKED, allowed=True)
    which = LetterFilter.of(entry.details["filters"])
    with by_task("batches.discard_asked", user=entry.actor_id):
        return discard(which, actor=entry.actor, reason=entry.reason, newest=entry.details["newest"])
