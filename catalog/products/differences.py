"""A product's values as plain data, and where two people's differ: what a form carries to notice it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.models import Product

# What people edit. The order is that of the form.
EDITED = (
    "name", "sku", "barcode", "category", "description", "price", "sale_price", "status", "is_new", "is_featured",
)  # fmt: skip
LABELS = {
    "name": "Name",
    "sku": "SKU",
    "barcode": "Barcode",
    "category": "Category",
    "description": "Description",
    "price": "Price",
    "sale_price": "Sale price",
    "status": "Status",
    "is_new": "New",
    "is_featured": "Featured",
}
Plain = dict[str, Any]
MISSING = object()


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed to something other than what is wanted here.

    `untouched`: who saves now had left it as it was. It is not known without the values of the beginning.
    """

    field: str
    theirs: Any
    yours: Any
    before: Any = None
    untouched: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.field]


def plain(values: Mapping[str, Any]) -> Plain:
    """Values as JSON has them: a category's number, prices with both decimals, line ends as in the database."""
    return {name: _plain(name, values[name]) for name in EDITED if name in values}


def of_product(product: Product) -> Plain:
    return plain({**{name: getattr(product, name) for name in EDITED if name != "category"},
                  "category": product.category_id})  # fmt: skip


def differences(base: Mapping[str, Any], now: Plain, wanted: Plain) -> Iterator[Difference]:
    """Between what is there now and what is wanted, in fields that are not as they were at the beginning (`base`)."""
    for name in EDITED:
        if name not in wanted or now[name] == wanted[name]:
            continue
        before = base.get(name, MISSING)
        if before == now[name]:
            continue  # nobody else touched it: here is simply the change that is wanted
        known = before is not MISSING
        yield Difference(name, now[name], wanted[name], before if known else None, known and before == wanted[name])


def _plain(name: str, value: Any) -> Any:
    if name in ("price", "sale_price"):
        return None if value in (None, "") else f"{Decimal(value):.2f}"
    if name == "category":
        return getattr(value, "pk", value) or None
    if name in ("is_new", "is_featured"):
        return bool(value)
    return str(value or "").replace("\r\n", "\n")
