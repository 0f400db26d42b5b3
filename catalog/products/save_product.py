"""A product changed by a person who had opened it before: refused when somebody else has saved it since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from catalog.models import Product
from catalog.products.add_product import checked, columns
from catalog.products.differences import differences, of_product, plain
from catalog.products.refused import ChangedMeanwhile, Refused
from catalog.products.taken import told_when_taken
from catalog.products.tell_written import tell_written
from monitoring import audit

PERMISSION = "catalog.change_product"


def save_product(
    product_id: int,
    values: Mapping[str, Any],
    *,
    seen: int,
    actor: User | AnonymousUser | None,
    base: Mapping[str, Any] | None = None,
    reason: str = "",
) -> int:
    """Write the values that differ, and return the version the product has then.

    `seen` is the version that was shown, `base` the values of that version (`differences.of_product`), by which
    ChangedMeanwhile tells what the other one changed from what is changed here. Refused.
    """
    audit.permit(actor, PERMISSION, action="change", subject="product", subject_id=product_id, reason=reason)
    with transaction.atomic():
        now = locked(product_id)
        was, wanted = of_product(now), plain(values)
        if now.version != seen:
            raise ChangedMeanwhile(now.version, list(differences(base or {}, was, wanted)))
        wanted_values = checked({**was, **values}, but=product_id, was=was)
        wanted = plain(wanted_values)
        changed = {name: [was[name], wanted[name]] for name in wanted if wanted[name] != was[name]}
        if not changed:
            return now.version
        _write(product_id, seen, {name: wanted_values[name] for name in changed})
        tell_written()
        audit.record(
            actor, "change", "product", product_id, reason=reason, changed=changed, version=seen + 1
        )  # fmt: skip
    return seen + 1


def locked(product_id: int) -> Product:
    """Held to the end of the transaction. Not against rows that only refer to it: stock moves on meanwhile."""
    found = Product.objects.select_for_update(no_key=True).filter(pk=product_id).first()
    if found is None:
        raise Refused("This product was deleted meanwhile. What you typed can be saved as a new one.")
    return found


def _write(product_id: int, seen: int, values: Mapping[str, Any]) -> None:
    """The condition is the promise; the lock before it only makes the message a good one."""
    with told_when_taken(values):
        written = Product.objects.filter(pk=product_id, version=seen).update(
            **columns(values), version=F("version") + 1, updated_at=Now()
        )
    if not written:
        raise Refused("The product was changed in this moment. Save again.")
