"""A transfer ends before its time: what was committed stays, nothing is committed any more when this returns."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from catalog.models import Transfer, TransferStatus
from catalog.transfers.permissions import permit
from catalog.transfers.refused import Refused
from monitoring import audit

OPEN = (TransferStatus.CHECKING, TransferStatus.CHECKED, TransferStatus.RUNNING)


def cancel(transfer_id: int, *, actor: User | AnonymousUser | None) -> None:
    """PermissionDenied, Refused. The worker's next UPDATE under its lease finds no row, and rolls its chunk back."""
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    if transfer is None:
        raise Refused(f"There is no transfer {transfer_id}.")
    by = permit(actor, transfer.kind, action="cancel", transfer=transfer_id)
    with transaction.atomic():
        ended = Transfer.objects.filter(pk=transfer_id, status__in=OPEN).update(
            status=TransferStatus.CANCELLED, finished_at=Now(), leased_until=None
        )
        if not ended:
            raise Refused("It is over already: there is nothing to cancel.")
        audit.record(by, "cancel", "transfer", transfer_id)
