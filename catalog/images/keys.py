"""Where a picture and its renditions lie in storage. The row tells it, so that work done again finds the same place."""

from __future__ import annotations

import re
from uuid import uuid4

PREFIX = "products/"
ORIGINAL = "original"
OURS = re.compile(r"(products/\d+/[0-9a-f]{32}/)[^/]+")


def new_original(product: int) -> str:
    return f"{PREFIX}{product}/{uuid4().hex}/{ORIGINAL}"


def beside(original: str, name: str) -> str:
    return f"{original.removesuffix(ORIGINAL)}{name}"


def folder_of(key: str) -> str:
    """What the keys of one picture begin with; '' for a key that is not ours."""
    found = OURS.fullmatch(key)
    return found[1] if found else ""
