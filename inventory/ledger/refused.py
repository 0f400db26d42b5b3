"""What the ledger says no to: in a sentence for a person, and in rows for a page or a machine. Nothing was changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class StockRefused(ValueError):
    """`rows`: one mapping for each line that is at fault, with `product` and `location` by id and `message`."""

    def __init__(self, message: str, rows: Iterable[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.rows = list(rows)


class NothingToPost(StockRefused):
    """No line changes anything."""


class BadLine(StockRefused):
    """A line that can never be posted: an unknown product, no whole number, a sign its kind does not have."""


class NotAccepted(StockRefused):
    """An archived product or a closed location takes nothing in; what is left of it may go out."""


class Shortage(StockRefused):
    """Not enough there. Each row also has `sku`, `code`, `on_hand`, `reserved`, `available` and `lacks`, in pieces."""


class KeyReused(StockRefused):
    """The idempotency key was used before, for something else."""


class AlreadyReversed(StockRefused):
    """A posting is taken back once."""


MOST_TOLD = 5


def told(sentences: list[str]) -> str:
    """A message of the first few."""
    more = len(sentences) - MOST_TOLD
    return " ".join(sentences[:MOST_TOLD]) + (f" And {more:,} more." if more > 0 else "")
