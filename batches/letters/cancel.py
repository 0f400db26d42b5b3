"""A redrive ends before its time: what was put right stays so, what waits is free for others."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from batches.letters.hold import hold, may_steer
from batches.models import Redrive, RedriveItem
from batches.states import ItemStatus, RedriveStatus
from monitoring import audit


def cancel_redrive(redrive_id: int, *, actor: User | AnonymousUser | None, reason: str = "") -> int:
    """Cancel it and return how many letters were still waiting. PermissionDenied; Refused when it is over already."""
    by = may_steer(actor, "cancel", redrive_id, reason)
    with transaction.atomic():
        redrive = hold(redrive_id, RedriveStatus.CANCELLED)
        waiting = RedriveItem.objects.filter(redrive=redrive, status=ItemStatus.WAITING)
        left = waiting.update(status=ItemStatus.CANCELLED, finished_at=Now())
        Redrive.objects.filter(pk=redrive.pk).update(
            status=RedriveStatus.CANCELLED, stop_reason=reason, finished_at=Now()
        )
        audit.record(by, "cancel", "redrive", redrive_id, reason=reason, left=left)
    return left
