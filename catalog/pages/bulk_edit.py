"""The page of a bulk edit: how far it is, what it came to, and which products it left as they were."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from catalog.models import BulkEdit, BulkStatus
from catalog.products.bulk_verbs import VERBS
from catalog.products.which import ProductFilter

MOST_REFUSALS = 500


def bulk_edit_page(edit: BulkEdit, *, may_cancel: bool) -> dict[str, Any]:
    refusals = list(edit.refusals.order_by("product_id").select_related("product")[:MOST_REFUSALS])
    return {
        "edit": edit,
        "does": VERBS[edit.verb].told(edit.parameters),
        "chosen": str(ProductFilter(**edit.filters)),
        "percent": 100.0 * edit.done / edit.total if edit.total else 100.0,
        "going_on": edit.status == BulkStatus.RUNNING,
        "left": edit.total - edit.done,
        "refusals": refusals,
        "more_refusals": edit.refused - len(refusals),
        "may_cancel": may_cancel and edit.status == BulkStatus.RUNNING,
        "now": timezone.now(),
    }
