"""A redrive, held, for whoever steers it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from batches.letters.lock_redrive import lock_redrive
from batches.letters.refused import Refused
from batches.letters.start_redrive import PERMISSION
from batches.models import Redrive
from batches.states import RedriveStatus, before
from monitoring import audit


def may_steer(actor: User | AnonymousUser | None, action: str, redrive_id: int, reason: str) -> User:
    """Whoever may start a redrive may steer any. PermissionDenied otherwise."""
    return audit.permit(actor, PERMISSION, action=action, subject="redrive", subject_id=redrive_id, reason=reason)


def hold(redrive_id: int, wanted: RedriveStatus) -> Redrive:
    """The redrive, locked until the transaction ends; Refused when it cannot become `wanted` any more.

    Waits for the batch that is just being written, which takes a second or so.
    """
    lock_redrive(redrive_id)
    redrive = Redrive.objects.select_for_update().filter(pk=redrive_id).first()
    if redrive is None:
        raise Refused(f"There is no redrive {redrive_id}.")
    if redrive.status not in before(wanted):
        raise Refused(f"Redrive {redrive_id} is {redrive.get_status_display().lower()}: it cannot be {wanted} now.")
    return redrive
