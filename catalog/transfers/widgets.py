"""What a cell means for a field, and what a field is in a file: django-import-export's widgets, with our sentences.

`clean` is given text and raises BadCell, a ValueError, which the library collects by field. `render` gives what the
writer of a file knows: text, a number, true or false, or None.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from import_export.widgets import Widget

from catalog import gtin
from catalog.fold import narrow
from catalog.models import ProductStatus
from catalog.transfers.amounts import plain, read_amount, read_yes
from catalog.transfers.categories import Categories
from catalog.transfers.refused import BadCell

NEEDED = "It is empty, and every product needs one. Leave the column out to leave it as it is."


class _Native(Widget):  # type: ignore[misc]
    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class SkuWidget(_Native):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        sku = narrow(value)
        if not sku:
            raise BadCell("It has no SKU, which is what products are known by.")
        return sku


class TextWidget(_Native):
    def __init__(self, *, needed: bool = False) -> None:
        super().__init__()
        self._needed = needed

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        if value.strip():
            return value
        if self._needed:
            raise BadCell(NEEDED)
        return ""


class AmountWidget(_Native):
    def __init__(self, *, needed: bool = False) -> None:
        super().__init__()
        self._needed = needed

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | None:
        amount = read_amount(value)
        if amount is None and self._needed:
            raise BadCell(NEEDED)
        return amount

    def render(self, value: Decimal | None, obj: Any = None, **kwargs: Any) -> Decimal | None:
        return value.quantize(Decimal(1)) if value is not None and value == value.to_integral_value() else value


class YesWidget(_Native):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> bool:
        return read_yes(value)


class StatusWidget(_Native):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        word = plain(value).casefold()
        if not word:
            raise BadCell(NEEDED)
        if word not in ProductStatus.values:
            raise BadCell(f"`{value.strip()[:40]}` is no status: write {', '.join(ProductStatus.values)}.")
        return word


class BarcodeWidget(_Native):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return read_barcode(value)


class CategoryWidget(_Native):
    """An id for the field, a slug for a file."""

    def __init__(self, categories: Categories) -> None:
        super().__init__()
        self._categories = categories

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int | None:
        return self._categories.named(value)

    def render(self, value: int | None, obj: Any = None, **kwargs: Any) -> str | None:
        return None if value is None else self._categories.slugs.get(value)


def read_barcode(text: str) -> str:
    """'' for an empty cell; BadCell."""
    code = re.sub(r"[\s-]", "", narrow(text))
    if code.isdecimal() and len(code) not in gtin.LENGTHS:
        hint = "A spreadsheet drops zeros in front unless the column is formatted as text."
        raise BadCell(f"{gtin.fault(code)} {hint}")
    return code
