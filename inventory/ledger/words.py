"""The texts of a posting, as the table can keep them."""

from __future__ import annotations

from inventory.ledger.refused import StockRefused
from pages.reason import MOST_CHARS

MOST_KEY = MOST_REFERENCE = 100


class BadWords(StockRefused):
    """A key, reason or reference that cannot be kept."""


def check_words(*, key: str, reason: str, reference: str) -> None:
    if not key:
        raise BadWords("A posting needs an idempotency key, made once for what is posted.")
    for name, text, most in (
        ("key", key, MOST_KEY),
        ("reason", reason, MOST_CHARS),
        ("reference", reference, MOST_REFERENCE),
    ):
        if len(text) > most:
            raise BadWords(f"The {name} has {len(text):,} characters: at most {most:,} are kept.")
        if "\0" in text:
            raise BadWords(f"The {name} contains a NUL character, which cannot be stored.")
