"""The columns of a file of products, and what a heading must be."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from unicodedata import normalize

from catalog.transfers.refused import BadFile

COLUMNS = (
    "sku", "name", "description", "price", "sale_price", "category", "is_new", "is_featured", "status", "barcode",
    "version",
)  # fmt: skip
WRONG = "what_is_wrong"  # put beside refused rows; taken back without a word, so that a corrected file can be sent
MOST_COLUMNS = 64

MEANINGS = {
    "sku": ("The key, in whatever case. A product that has it is changed, any other is added.", "refused"),
    "name": ("Up to 200 characters.", "refused"),
    "description": ("Any length.", "no description"),
    "price": ("1280, 1,280, ￥1,280 or 1280.50.", "refused"),
    "sale_price": ("At most the price.", "no sale price"),
    "category": ("Its slug, or its path: Clothes > Shirts.", "no category"),
    "is_new": ("yes or no, true or false, 1 or 0, はい or いいえ.", "no"),
    "is_featured": ("As is_new.", "no"),
    "status": ("draft, active or archived.", "refused"),
    "barcode": ("A GTIN of 8, 12, 13 or 14 digits.", "no barcode"),
    "version": ("As exported. A row that is older than the product is refused.", "not compared"),
}


def columns_of(headings: Sequence[str]) -> list[str]:
    """The names of the columns, in the file's order; BadFile when the heading is not one of products."""
    names = [column_of(heading) for heading in headings]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise BadFile(f"The heading has {len(names):,} columns: {MOST_COLUMNS} are read at most.")
    if unknown := [(name, heading) for name, heading in zip(names, headings, strict=False) if not known(name)]:
        raise BadFile(_unknown(unknown))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadFile(f"The heading names {', '.join(twice)} twice: leave one of the columns out.")
    if "sku" not in names:
        raise BadFile("The heading has no column sku: it is what products are known by.")
    return names


def column_of(heading: str) -> str:
    return "_".join(normalize("NFKC", heading).casefold().replace("_", " ").split())


def known(name: str) -> bool:
    return name in COLUMNS or name == WRONG


def _unknown(found: list[tuple[str, str]]) -> str:
    told = []
    for name, heading in found[:10]:
        near = get_close_matches(name, COLUMNS, n=1)
        told.append(
            f"`{heading.strip()[:60]}`{f' (is it {near[0]}?)' if near else ''}" if name else "one without a name"
        )
    noun = "column is" if len(found) == 1 else "columns are"
    return f"{len(found)} {noun} not known: {', '.join(told)}. Known are {', '.join(COLUMNS)}."
