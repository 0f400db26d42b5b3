"""What the rows of a chunk are compared with, by three queries for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Upper

from catalog.fold import narrow
from catalog.models import Product
from catalog.transfers.categories import Categories
from catalog.transfers.refused import BadCell
from catalog.transfers.widgets import read_barcode


class Known(NamedTuple):
    """`products` by their key; `barcodes` → (id, SKU) of whoever has it."""

    products: dict[str, Product]
    barcodes: dict[str, tuple[int, str]]
    categories: Categories

    def product(self, sku: str) -> Product | None:
        return self.products.get(key_of(sku))

    def owner(self, product: Product) -> str:
        """The SKU of another product that has this one's barcode, or ''."""
        pk, sku = self.barcodes.get(product.barcode, (product.pk, ""))
        return sku if pk != product.pk else ""


def look_up(rows: Iterable[dict[str, str]], *, lock: bool = False) -> Known:
    """`lock`: the products stay as they are until the transaction ends."""
    rows = list(rows)
    keys = {key_of(row.get("sku", "")) for row in rows}
    return Known(_products(keys, lock=lock), _owners(rows), Categories())


def key_of(sku: str) -> str:
    """What finds a product: its SKU regardless of case."""
    return narrow(sku).upper()


def _products(keys: set[str], *, lock: bool) -> dict[str, Product]:
    found: QuerySet[Product] = Product.objects.annotate(key=Upper("sku")).filter(key__in=keys).order_by("pk")
    found = found.defer("folded", "pairs")
    if lock:
        found = found.select_for_update(no_key=True)  # in the order of their ids, as everybody
    return {key_of(product.sku): product for product in found}


def _owners(rows: list[dict[str, str]]) -> dict[str, tuple[int, str]]:
    codes = {code for row in rows if (code := _code(row.get("barcode", "")))}
    found = Product.objects.filter(barcode__in=codes).values_list("barcode", "pk", "sku") if codes else []
    return {code: (pk, sku) for code, pk, sku in found}


def _code(text: str) -> str:
    try:
        return read_barcode(text)
    except BadCell:
        return ""
