"""What a Japanese keyboard types at full width, as the ASCII that codes and prices are written in."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

CODES = ("sku", "barcode")


def narrow(text: str) -> str:
    """NFKC, and no blanks at the ends: `ＳＫＵ－１２` is `SKU-12`. Dashes that look like `-` are `-`."""
    folded = unicodedata.normalize("NFKC", text).strip()
    return folded.translate(DASHES)


def narrow_codes(values: Mapping[str, Any]) -> dict[str, Any]:
    """A product's values with its codes folded, the others as they are."""
    return {name: narrow(str(value or "")) if name in CODES else value for name, value in values.items()}


# What is typed for a hyphen with an input method switched on: NFKC leaves these as they are.
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ", "-"))
