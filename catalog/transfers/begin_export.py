"""Products are to be written into a file: which, and as what."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.utils import timezone

from catalog.models import Transfer, TransferKind, TransferStatus
from catalog.products.which import ProductFilter
from catalog.transfers.permissions import permit
from catalog.transfers.refused import Refused
from catalog.transfers.writing.file import FORMATS
from monitoring import audit


def begin_export(which: ProductFilter, kind: str, *, actor: User | AnonymousUser | None) -> Transfer:
    """The transfer, which nobody works on yet. PermissionDenied, Refused, BadFilter."""
    by = permit(actor, TransferKind.EXPORT, action="export")
    if kind not in FORMATS:
        raise Refused(f"{kind!r} is no format: use one of {', '.join(FORMATS)}.")
    if not which.products().exists():
        raise Refused("No product is like this: there is nothing to export.")
    with transaction.atomic():
        transfer = Transfer.objects.create(
            kind=TransferKind.EXPORT, status=TransferStatus.RUNNING, format=kind, filters=which.as_dict(),
            name=f"products-{timezone.localtime():%Y-%m-%d-%H%M}.{kind}", started_by=by,
        )  # fmt: skip
        audit.record(by, "export", "transfer", transfer.pk, chosen=str(which), format=kind)
    return transfer
