"""A product taken out of use, its history kept."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from catalog.models import Product, ProductStatus
from catalog.products.save_product import PERMISSION
from catalog.products.tell_written import tell_written
from monitoring import audit


def archive_product(product_id: int, *, actor: User | AnonymousUser | None, reason: str = "") -> bool:
    """Whether it was in use until now."""
    audit.permit(actor, PERMISSION, action="archive", subject="product", subject_id=product_id, reason=reason)
    with transaction.atomic():
        archived = put_away(product_id)
        if archived:
            tell_written()
            audit.record(actor, "archive", "product", product_id, reason=reason)
    return archived


def put_away(product_id: int) -> bool:
    rows = Product.objects.filter(pk=product_id).exclude(status=ProductStatus.ARCHIVED)
    return bool(rows.update(status=ProductStatus.ARCHIVED, version=F("version") + 1, updated_at=Now()))
