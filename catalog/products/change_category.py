"""A batch of products put into another category, or into none."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.db.models.functions import Now

from catalog.models import Category, Product
from catalog.products.outcome import Outcome


def change_category(ids: Sequence[int], category_id: int | None) -> Outcome:
    """In the caller's transaction. The category is held, so that it is not deleted before that ends."""
    if category_id and not Category.objects.select_for_update(no_key=True).filter(pk=category_id).exists():
        return Outcome(refused=dict.fromkeys(_there(ids), "The category was deleted meanwhile."))
    rows = Product.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    found = dict(rows.values_list("pk", "category"))
    moved = [pk for pk, category in found.items() if category != category_id]
    Product.objects.filter(pk__in=moved).update(category=category_id, version=F("version") + 1, updated_at=Now())
    return Outcome(changed=moved, same=len(found) - len(moved))


def _there(ids: Sequence[int]) -> list[int]:
    return list(Product.objects.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
