"""What people say of a group: its cause is put right, it is to be quiet, it is to be looked at again.

Resolving says that the cause is gone, not that its letters are: those that are open stay open, to be redriven or
discarded. A letter that is written after that opens the group again, and marks it as returned. A muted group stays
muted whatever comes.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models.functions import Now

from batches.letters.roll_up import roll_up_group
from batches.models import LetterGroup
from batches.pipeline.brief_transaction import brief_transaction
from batches.states import GroupStatus, before
from monitoring import audit, telemetry
from pages.reason import checked_reason

PERMISSION = "batches.redrive_deadletter"


def resolve_group(fingerprint: str, *, actor: User | AnonymousUser | None, reason: str) -> bool:
    """Whether it was changed by this very call; PermissionDenied, NoReason."""
    return _change(fingerprint, GroupStatus.RESOLVED, "resolve", actor, reason)


def mute_group(fingerprint: str, *, actor: User | AnonymousUser | None, reason: str) -> bool:
    """As `resolve_group`."""
    return _change(fingerprint, GroupStatus.MUTED, "mute", actor, reason)


def reopen_group(fingerprint: str, *, actor: User | AnonymousUser | None, reason: str) -> bool:
    """As `resolve_group`."""
    return _change(fingerprint, GroupStatus.OPEN, "reopen", actor, reason)


def _change(
    fingerprint: str, status: GroupStatus, action: str, actor: User | AnonymousUser | None, reason: str
) -> bool:
    by = audit.permit(actor, PERMISSION, action=action, subject="group", subject_id=fingerprint, reason=reason)
    reason = checked_reason(reason)
    with brief_transaction():
        # What is committed by now is known to whoever decides; what comes after that is a return.
        roll_up_group(fingerprint)
        resolved_at = {"resolved_at": Now()} if status == GroupStatus.RESOLVED else {}
        group = LetterGroup.objects.filter(pk=fingerprint, status__in=before(status))
        changed = group.update(status=status, changed_by=by.pk, returned_at=None, **resolved_at)
        if changed:
            audit.record(by, action, "group", fingerprint, reason=reason)
    if changed:
        telemetry.event("letter_group_changed", group=fingerprint, status=str(status), by=by.pk)
    return bool(changed)
