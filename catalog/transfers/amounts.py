"""Amounts and yes or no, the way people and spreadsheets write them."""

from __future__ import annotations

import re
from decimal import Decimal
from unicodedata import normalize

from catalog.transfers.refused import BadCell

AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
MOST = Decimal("99999999.99")
CENT = Decimal("0.01")
YES = frozenset({"1", "true", "yes", "y", "on", "はい", "○", "〇"})
NO = frozenset({"", "0", "false", "no", "n", "off", "いいえ", "×"})


def plain(text: str) -> str:
    """Full-width forms as the usual ones, nothing around it."""
    return normalize("NFKC", text).strip()


def read_amount(text: str) -> Decimal | None:
    """None for an empty cell; BadCell."""
    body = plain(text).replace("\N{MINUS SIGN}", "-").removeprefix("¥").removesuffix("円").strip()
    if not body:
        return None
    if not AMOUNT.fullmatch(body):
        raise BadCell(f"`{text.strip()[:40]}` is no amount: write 1280, 1,280 or 1280.50.")
    amount = Decimal(body.replace(",", ""))
    if amount < 0:
        raise BadCell(f"`{text.strip()[:40]}` is below 0.")
    if amount > MOST:
        raise BadCell(f"`{text.strip()[:40]}` is more than {MOST:,}, the most that can be kept.")
    if amount != amount.quantize(CENT):
        raise BadCell(f"`{text.strip()[:40]}` has more than two decimals.")
    return amount.quantize(CENT)


def read_number(text: str) -> int | None:
    """A whole number, None for an empty cell; BadCell."""
    body = plain(text)
    if not body:
        return None
    if not re.fullmatch(r"\d{1,9}|\d{1,3}(,\d{3}){1,2}", body):
        raise BadCell(f"`{text.strip()[:40]}` is no whole number.")
    return int(body.replace(",", ""))


def read_yes(text: str) -> bool:
    word = plain(text).casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadCell(f"`{text.strip()[:40]}` is neither yes nor no: write true or false, 1 or 0.")
