"""What a scanner read or a person typed, and the product it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Upper

from catalog.models import Product

MOST_CHARS = 64
GTIN = (8, 12, 13, 14)


def find_product(code: str) -> Product | None:
    return find_products([code]).get(code)


def find_products(codes: Iterable[str]) -> dict[str, Product]:
    """By code as given; what is not found is left out. A SKU comes first, in any case, then a barcode.

    One question for all. A scanner may read a barcode with or without its leading zeros (UPC-A is EAN-13 with a 0).
    """
    asked = {code: code.strip() for code in codes if 0 < len(code.strip()) <= MOST_CHARS and "\0" not in code}
    skus = {code.upper() for code in asked.values()}
    barcodes = {written for code in asked.values() for written in _spellings(code)}
    if not asked:
        return {}
    found = list(
        Product.objects.annotate(upper_sku=Upper("sku"))
        .filter(Q(upper_sku__in=skus) | Q(barcode__in=barcodes))
        .defer("description", "folded", "pairs")
    )
    by_sku = {product.sku.upper(): product for product in found}
    by_barcode = {product.barcode: product for product in found if product.barcode}
    matches = {code: by_sku.get(typed.upper()) or _by_barcode(typed, by_barcode) for code, typed in asked.items()}
    return {code: product for code, product in matches.items() if product}


def _by_barcode(code: str, known: Mapping[str, Product]) -> Product | None:
    return next((known[written] for written in _spellings(code) if written in known), None)


def _spellings(code: str) -> list[str]:
    """The code itself first, then what it is with other leading zeros; none for what is no barcode."""
    if not (code.isascii() and code.isdigit()):
        return []
    bare = code.lstrip("0")
    padded = [bare.zfill(length) for length in GTIN if len(bare) <= length]
    return list(dict.fromkeys([code, *padded]))
