"""What a product's values must be like, each rule with its sentence: for forms, imports and whoever else writes one.

The database holds the same rules as constraints; here they are put so that a person knows what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Upper

from catalog import gtin
from catalog.models import Product, ProductStatus

MOST_PRICE = Decimal("99999999.99")
MOST_NAME, MOST_SKU = 200, 64
CODES = ("sku", "barcode")  # what only one product can have
NEEDED = {
    "name": "A product needs a name.",
    "sku": "A product needs an SKU, by which it is known in the shop and in files.",
    "price": "A product needs a price; 0 is one.",
}
NOT_IN_SKU = re.compile(r"[^!-~]")


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """By field. Only fields that are given are looked at; codes are folded already (`fold.narrow_codes`)."""
    found = {name: check(values[name]) for name, check in CHECKS.items() if name in values}
    if not found.get("price") and not found.get("sale_price"):
        found["sale_price"] = sale_price_fault(values.get("price"), values.get("sale_price"))
    return {name: sentence for name, sentence in found.items() if sentence}


def taken_by(values: Mapping[str, Any], *, but: int | None = None) -> dict[str, Product]:
    """The other products that have this SKU, whatever its case, or this barcode, by field. One query of two indexes."""
    sku, barcode = values.get("sku") or "", values.get("barcode") or ""
    same = {"sku": Q(upper=Upper(Value(sku))), "barcode": Q(barcode=barcode) & ~Q(barcode="")}
    asked = [condition for name, condition in same.items() if values.get(name)]
    if not asked:
        return {}
    found = Product.objects.order_by().alias(upper=Upper("sku")).filter(reduce(or_, asked))
    taken: dict[str, Product] = {}
    for other in found.exclude(pk=but) if but else found:
        taken |= {"sku": other} if sku and other.sku.upper() == sku.upper() else {}  # an SKU is ASCII
        taken |= {"barcode": other} if barcode and other.barcode == barcode else {}
    return taken


def taken_sentence(field: str, value: str, other: Product) -> str:
    """Without its end, behind which a page puts a link."""
    if field == "barcode":
        return f"The barcode {value} is that of {other.sku}, {other.name}. Each product has its own"
    same = "" if other.sku == value else f" (as {other.sku}; upper and lower case count as the same)"
    return f"The SKU {value} is taken{same} by {other.name}. Choose another one, or change that product"


def _name(value: Any) -> str:
    if not str(value or "").strip():
        return NEEDED["name"]
    if len(value) > MOST_NAME:
        return f"The name has {len(value)} characters, and {MOST_NAME} are kept at most: shorten it."
    return ""


def _sku(value: Any) -> str:
    if not value:
        return NEEDED["sku"]
    if len(value) > MOST_SKU:
        return f"The SKU has {len(value)} characters, and {MOST_SKU} are kept at most: shorten it."
    if wrong := NOT_IN_SKU.search(value):
        what = "a blank" if wrong[0].isspace() else f"{wrong[0]!r}"
        return f"An SKU has letters, digits and signs of the ASCII table, and this one has {what} in it: take it out."
    return ""


def _barcode(value: Any) -> str:
    return gtin.fault(value) if value else ""


def _price(value: Any) -> str:
    return price_fault("price", value) if value not in (None, "") else NEEDED["price"]


def _sale_price(value: Any) -> str:
    return price_fault("sale price", value) if value not in (None, "") else ""


def _status(value: Any) -> str:
    known = ", ".join(ProductStatus.values)
    return "" if value in ProductStatus.values else f"The status {value!r} is not known: it is one of {known}."


def price_fault(name: str, value: Any) -> str:
    try:
        price = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return f"The {name} {value!r} is not a number: write it as 1280 or 1280.50."
    if not price.is_finite() or price > MOST_PRICE:
        return f"The {name} is {value}: {MOST_PRICE:,} is the most."
    if price < 0:
        return f"The {name} is {value}: it cannot be below 0."
    if price != price.quantize(Decimal("0.01")):
        return f"The {name} is {value}: two decimals are kept at most."
    return ""


def sale_price_fault(price: Any, sale_price: Any) -> str:
    if price in (None, "") or sale_price in (None, "") or Decimal(sale_price) <= Decimal(price):
        return ""
    return f"The sale price {sale_price} is above the price {price}: lower it, or leave it empty when there is no sale."


CHECKS = {
    "name": _name,
    "sku": _sku,
    "barcode": _barcode,
    "price": _price,
    "sale_price": _sale_price,
    "status": _status,
}
