"""A product deleted for good, or archived where something remembers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, RestrictedError

from catalog.models import Product
from catalog.products.archive_product import put_away
from catalog.products.refused import Refused
from catalog.products.tell_written import tell_written
from monitoring import audit

PERMISSION = "catalog.delete_product"


class Fate(StrEnum):
    DELETED = "deleted"
    ARCHIVED = "archived"
    KEPT = "kept"  # it was archived already


class Deleted:
    """What became of it, and what stood in the way."""

    def __init__(self, fate: Fate, product: Product, held_by: str = "") -> None:
        self.fate, self.product, self.held_by = fate, product, held_by

    def __str__(self) -> str:
        if self.fate == Fate.DELETED:
            return f"{self.product} was deleted."
        done = "archived instead" if self.fate == Fate.ARCHIVED else "left archived"
        return f"{self.product} has a history ({self.held_by}), which would lose its sense: it was {done}."


def delete_product(product_id: int, *, actor: User | AnonymousUser | None, reason: str = "") -> Deleted:
    """Refused when it is not there any more."""
    audit.permit(actor, PERMISSION, action="delete", subject="product", subject_id=product_id, reason=reason)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(pk=product_id).first()
        if product is None:
            raise Refused("This product was deleted already.")
        done = _delete(product)
        tell_written(0 if done.fate == Fate.KEPT else 1)
        audit.record(
            actor, "delete" if done.fate == Fate.DELETED else "archive", "product", product_id,
            reason=reason, sku=product.sku, name=product.name, held_by=done.held_by,
        )  # fmt: skip
    return done


def _delete(product: Product) -> Deleted:
    """In a savepoint: what refers to the product refuses, and then nothing of it is gone."""
    pk = product.pk
    try:
        with transaction.atomic():
            product.delete()
    except (ProtectedError, RestrictedError) as fault:
        held_by = _named(fault.protected_objects if isinstance(fault, ProtectedError) else fault.restricted_objects)
    except IntegrityError:
        held_by = "rows that came this moment"
    else:
        product.pk = pk
        return Deleted(Fate.DELETED, product)
    product.pk = pk
    return Deleted(Fate.ARCHIVED if put_away(pk) else Fate.KEPT, product, held_by)


def _named(rows: Iterable[Model]) -> str:
    counts = Counter(row._meta for row in rows)
    return ", ".join(
        f"{count:,} {meta.verbose_name if count == 1 else meta.verbose_name_plural}" for meta, count in counts.items()
    )
