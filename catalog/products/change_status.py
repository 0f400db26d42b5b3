"""A batch of products made drafts, put into the shop, or archived."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.db.models.functions import Now

from catalog.models import Product
from catalog.products.outcome import Outcome


def change_status(ids: Sequence[int], status: str) -> Outcome:
    """In the caller's transaction."""
    rows = Product.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    found = dict(rows.values_list("pk", "status"))
    others = [pk for pk, was in found.items() if was != status]
    Product.objects.filter(pk__in=others).update(status=status, version=F("version") + 1, updated_at=Now())
    return Outcome(changed=others, same=len(found) - len(others))
