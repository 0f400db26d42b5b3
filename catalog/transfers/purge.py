"""Files of transfers are kept for a while: what is over loses its file, what nobody confirmed is cancelled."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from catalog.models import Transfer, TransferStatus
from monitoring import telemetry
from storage import result_storage

OVER = (TransferStatus.FINISHED, TransferStatus.FAILED, TransferStatus.CANCELLED)
MOST = 500


def purge_transfers() -> int:
    """How many lost their files. Killed in between, the rest is done the next night: deleting twice is deleting."""
    late = Now() - timedelta(days=settings.TRANSFER_DAYS)
    Transfer.objects.filter(status=TransferStatus.CHECKED, created_at__lt=late).update(
        status=TransferStatus.CANCELLED, finished_at=Now(), failure="Nobody confirmed it in time."
    )
    old = list(Transfer.objects.filter(status__in=OVER, created_at__lt=late).exclude(key="", checked_key="")[:MOST])
    for transfer in old:
        keys = [key for key in (transfer.key, transfer.checked_key) if key]
        if not result_storage().remove(keys):
            Transfer.objects.filter(pk=transfer.pk).update(key="", checked_key="")
    telemetry.event("transfers_purged", number=len(old))
    return len(old)
