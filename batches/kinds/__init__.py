"""The result kinds. Adding one is one module beside this file, and its line here."""

from __future__ import annotations

from batches.kinds.kind import Kind
from batches.kinds.products import PRODUCTS_KIND
from batches.kinds.receipts import RECEIPTS
from batches.kinds.stock_counts import STOCK_COUNTS

_KINDS: dict[str, Kind] = {kind.name: kind for kind in (RECEIPTS, PRODUCTS_KIND, STOCK_COUNTS)}


def get(name: str) -> Kind:
    return _KINDS[name]


def names() -> list[str]:
    return list(_KINDS)


def labels() -> list[tuple[str, str]]:
    """Names and what people call them, for forms and filters."""
    return [(name, label(name)) for name in _KINDS]


def label(name: str) -> str:
    return name.replace("_", " ").capitalize()
