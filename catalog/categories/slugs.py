"""A category's name as it stands in an address."""

from __future__ import annotations

import unicodedata

from django.utils.text import slugify

MOST = 100


def slug_of(name: str) -> str:
    """Japanese is kept as it is: addresses may have it, and nobody reads transliterations."""
    return slugify(unicodedata.normalize("NFKC", name), allow_unicode=True)[:MOST]
