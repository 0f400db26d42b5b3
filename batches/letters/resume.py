"""A redrive that rests, or stopped by itself, goes on where it was: a ramp in the step it had begun."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.letters.hold import hold, may_steer
from batches.letters.wake_redrives import wake_redrives
from batches.models import Redrive
from batches.states import RedriveStatus
from monitoring import audit


def resume_redrive(redrive_id: int, *, actor: User | AnonymousUser | None, reason: str = "") -> None:
    """PermissionDenied, or Refused when it is neither paused nor stopped."""
    by = may_steer(actor, "resume", redrive_id, reason)
    with transaction.atomic():
        redrive = hold(redrive_id, RedriveStatus.RUNNING)
        # The rate is still kept: `next_at` may only be later than now because of it.
        Redrive.objects.filter(pk=redrive.pk).update(status=RedriveStatus.RUNNING, stop_reason="", last_error="")
        audit.record(by, "resume", "redrive", redrive_id, reason=reason)
        transaction.on_commit(wake_redrives)
