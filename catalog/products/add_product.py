"""A new product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from catalog.fold import narrow_codes
from catalog.models import Product
from catalog.products.check import CODES, faults, taken_by, taken_sentence
from catalog.products.differences import EDITED, of_product
from catalog.products.refused import Refused
from catalog.products.taken import told_when_taken
from catalog.products.tell_written import tell_written
from monitoring import audit

PERMISSION = "catalog.add_product"
NEEDED = {"name": "", "sku": "", "price": None}


def add_product(values: Mapping[str, Any], *, actor: User | AnonymousUser | None, reason: str = "") -> Product:
    """Write it and return it. `values` by field, a category by itself or its number; Refused."""
    audit.permit(actor, PERMISSION, action="add", subject="product", reason=reason)
    wanted = checked({**NEEDED, **values})
    with transaction.atomic(), told_when_taken(wanted):
        product = Product(**columns(wanted))
        product.save(force_insert=True)
        tell_written()
        audit.record(actor, "add", "product", product.pk, reason=reason, values=of_product(product))
    return product


def checked(
    values: Mapping[str, Any], *, but: int | None = None, was: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The values that are edited, with their codes folded; Refused when they are not what a product can have.

    A code that the product has already (`was`) is nobody else's: the database promises it, and nobody is asked.
    """
    wanted = narrow_codes({name: values[name] for name in EDITED if name in values})
    found = faults(wanted)
    found |= {
        field: f"{taken_sentence(field, wanted[field], other)}."
        for field, other in taken_by(_new(wanted, was or {}), but=but).items()
        if field not in found
    }
    if found:
        raise Refused(fields=found)
    return wanted


def _new(wanted: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    return {name: wanted[name] for name in CODES if name in wanted and wanted[name] != was.get(name)}


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the table has them."""
    found = {name: value for name, value in values.items() if name != "category"}
    if "category" in values:
        found["category_id"] = getattr(values["category"], "pk", values["category"]) or None
    if found.get("sale_price") == "":
        found["sale_price"] = None
    return found
