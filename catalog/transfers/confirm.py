"""A checked import is to be written."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from catalog.models import Transfer, TransferKind, TransferStatus
from catalog.transfers.judge import OUTCOMES
from catalog.transfers.permissions import permit
from catalog.transfers.refused import Refused
from monitoring import audit


def confirm(transfer_id: int, *, whole: bool, actor: User | AnonymousUser | None) -> Transfer:
    """`whole`: all of its rows, or none. PermissionDenied, Refused. Nobody works on it yet."""
    by = permit(actor, TransferKind.IMPORT, action="confirm", transfer=transfer_id)
    with transaction.atomic():
        transfer = Transfer.objects.select_for_update().filter(pk=transfer_id).first()
        if why_not := _why_not(transfer, whole=whole):
            raise Refused(why_not)
        Transfer.objects.filter(pk=transfer_id).update(
            status=TransferStatus.RUNNING, whole=whole, confirmed_at=Now(), leased_until=None, attempts=0, done=0,
            failure="", **dict.fromkeys(OUTCOMES, 0),
        )  # fmt: skip
        found = transfer.found if transfer else {}
        audit.record(by, "confirm", "transfer", transfer_id, whole=whole, found=found)
    return Transfer.objects.get(pk=transfer_id)


def _why_not(transfer: Transfer | None, *, whole: bool) -> str:
    if transfer is None or transfer.kind != TransferKind.IMPORT:
        return "There is no such import."
    if transfer.status != TransferStatus.CHECKED:
        return f"This import is not to be confirmed: it is {transfer.get_status_display().lower()}."
    if not transfer.added + transfer.changed:
        return "Nothing would be added or changed: there is nothing to import."
    if whole and transfer.refused:
        rows = "row is" if transfer.refused == 1 else "rows are"
        return (
            f"{transfer.refused:,} {rows} refused, so the whole file is. Put them right and upload the file again, or"
            " take the good rows only."
        )
    return ""
