"""Discarding that takes longer than a page may wait: asked for now, done by a worker.

What is to be done is the audit log's entry, and a second entry says that it was; the message only wakes. The watch
looks for what was asked for and has not ended, so a lost message or a killed worker costs a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast, Now

from batches.letters.discard import PERMISSION, discard
from batches.letters.filters import LetterFilter
from batches.letters.in_batches import newest_of
from monitoring import audit
from monitoring.models import AuditEntry
from pages.reason import checked_reason

ASKED, ENDED = "discard_asked", "discard_ended"
AGAIN = timedelta(minutes=1)  # so long after it was asked for, and a day at most, it is woken again
LOCK = 0x6E696768  # with the entry's number: one worker at a time


def discard_later(which: LetterFilter, *, actor: User | AnonymousUser | None, reason: str) -> AuditEntry:
    """The entry that asks for it. PermissionDenied, NoReason, BadFilter. Letters that come later are not swept in."""
    by = audit.permit(actor, PERMISSION, action=ASKED, subject="letter", reason=reason, filters=which.as_dict())
    details: dict[str, Any] = {"filters": which.as_dict(), "newest": newest_of(which.letters())}
    with transaction.atomic():
        entry = audit.record(by, ASKED, "letter", reason=checked_reason(reason), **details)
        transaction.on_commit(lambda: _wake([entry.pk]))
    return entry


def do_asked(entry_id: int) -> int:
    """Do what an entry asks for, as whoever asked, if they still may. Nothing when it is being done or has ended."""
    with _alone(entry_id) as free:
        entry = _unended().select_related("actor").filter(pk=entry_id).first() if free else None
        return _done(entry) if entry else 0


def wake_asked() -> int:
    """Wake what was asked for a while ago and has not ended; how many that was."""
    late = _unended().filter(at__lt=Now() - AGAIN, at__gt=Now() - timedelta(days=1))
    return _wake(list(late.values_list("pk", flat=True)))


def _done(entry: AuditEntry) -> int:
    which, newest = LetterFilter.of(entry.details["filters"]), entry.details["newest"]
    try:
        done = discard(which, actor=entry.actor, reason=entry.reason, newest=newest)
    except PermissionDenied:
        audit.record(entry.actor, ENDED, "request", entry.pk, allowed=False, reason="They may no longer discard.")
        raise
    audit.record(entry.actor, ENDED, "request", entry.pk, letters=done)
    return done


def _unended() -> Any:
    ended = AuditEntry.objects.filter(subject="request", subject_id=Cast(OuterRef("pk"), CharField()), action=ENDED)
    return AuditEntry.objects.filter(~Exists(ended), action=ASKED, allowed=True)


def _wake(entries: list[int]) -> int:
    from batches.pipeline.wake import send_each
    from batches.tasks import discard_asked

    send_each(discard_asked, [{"entry": entry} for entry in entries])
    return len(entries)


@contextmanager
def _alone(entry_id: int) -> Iterator[bool]:
    """Whether nobody else is at it. The lock is this connection's, and ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, entry_id % 2**31])
        (free,) = cursor.fetchone()
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, entry_id % 2**31])
