"""A file of products is taken in: looked at, kept in storage, and then checked."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import IO

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from catalog.models import Transfer, TransferKind, TransferStatus
from catalog.transfers.lease import lease_end
from catalog.transfers.permissions import permit
from catalog.transfers.reading.table import look_at
from monitoring import audit
from storage import result_storage


def begin_import(name: str, content: IO[bytes], size: int, *, actor: User | AnonymousUser | None) -> Transfer:
    """The transfer, whose check nobody has begun yet. PermissionDenied, BadFile, StorageFault.

    Its row comes first, since its number is in the key, leased so that no worker looks for a file that is on its way.
    A process killed in between leaves a transfer whose file never came; it says so when the lease has run out.
    """
    by = permit(actor, TransferKind.IMPORT, action="import")
    kind = look_at(name, content, size)
    with transaction.atomic():
        transfer = Transfer.objects.create(
            kind=TransferKind.IMPORT, status=TransferStatus.CHECKING, format=kind, name=_shown(name), started_by=by,
            leased_until=lease_end(),
        )  # fmt: skip
        transfer.key = f"imports/{transfer.pk}/{_safe(name)}"
        transfer.save(update_fields=["key"])
        audit.record(by, "import", "transfer", transfer.pk, file=transfer.name, size=size)
    content.seek(0)
    try:
        result_storage().put(transfer.key, content)
    except Exception:
        Transfer.objects.filter(pk=transfer.pk).delete()
        raise
    Transfer.objects.filter(pk=transfer.pk).update(leased_until=None)
    return transfer


def _shown(name: str) -> str:
    return PurePath(name).name[-200:]


def _safe(name: str) -> str:
    """A key that every storage can hold, whatever somebody called the file."""
    return re.sub(r"[^\w.-]+", "_", PurePath(name).name)[-80:].lstrip(".") or "file"
