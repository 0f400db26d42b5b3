"""A redrive rests until it is resumed."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.letters.hold import hold, may_steer
from batches.models import Redrive
from batches.states import RedriveStatus
from monitoring import audit


def pause_redrive(redrive_id: int, *, actor: User | AnonymousUser | None, reason: str = "") -> None:
    """No further letter is begun after this returns. PermissionDenied, or Refused when it is not running."""
    by = may_steer(actor, "pause", redrive_id, reason)
    with transaction.atomic():
        redrive = hold(redrive_id, RedriveStatus.PAUSED)
        Redrive.objects.filter(pk=redrive.pk).update(status=RedriveStatus.PAUSED, stop_reason=reason)
        audit.record(by, "pause", "redrive", redrive_id, reason=reason)
