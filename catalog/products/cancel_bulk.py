"""Stop a bulk edit. What is changed stays so: the versions of the products have gone on."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from catalog.models import BulkEdit, BulkStatus
from catalog.products.refused import Refused
from catalog.products.save_product import PERMISSION
from monitoring import audit


def cancel_bulk(edit_id: int, *, actor: User | AnonymousUser | None, reason: str) -> None:
    """It waits for the batch in hand. Refused when it is over."""
    audit.permit(actor, PERMISSION, action="cancel", subject="bulk edit", subject_id=edit_id, reason=reason)
    with transaction.atomic():
        running = BulkEdit.objects.filter(pk=edit_id, status=BulkStatus.RUNNING)
        if not running.update(status=BulkStatus.CANCELLED, finished_at=Now(), touched_at=Now()):
            raise Refused("It is over already.")
        audit.record(actor, "cancel", "bulk edit", edit_id, reason=reason)
