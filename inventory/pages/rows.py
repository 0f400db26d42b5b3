"""The lines of a delivery or a transfer, as a form carries them: a code and a quantity each, in the order of typing.

Codes are looked up at each request, so a form is never wrong about a product, and nothing that was typed is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from catalog.models import Product
from inventory.models import StockLevel
from inventory.pages import links
from inventory.scan import MOST_CHARS, find_products

MOST_ROWS = 500
MOST_PIECES = 1_000_000
TYPED = re.compile(r"^(?P<code>\S+)(?:[\s,;×*]+(?P<quantity>\d{1,9}))?\s*$")


@dataclass
class Row:
    """`quantity` is what was typed, be it a number or not."""

    code: str
    quantity: str = "1"
    product: Product | None = None
    on_hand: int | None = None
    available: int | None = None
    errors: list[str] = field(default_factory=list)
    fresh: bool = False

    @property
    def pieces(self) -> int | None:
        """None: not a quantity."""
        text = self.quantity.strip()
        return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:10]) <= MOST_PIECES else None

    @property
    def register_url(self) -> str:
        return "" if self.product else links.register(self.code)


@dataclass
class Rows:
    rows: list[Row]
    said: str = ""

    @property
    def known(self) -> list[Row]:
        return [row for row in self.rows if row.product]

    @property
    def pieces(self) -> int:
        return sum(row.pieces or 0 for row in self.known)

    @property
    def faulty(self) -> bool:
        return any(row.errors for row in self.rows)

    def find(self, product: int) -> Row | None:
        return next((row for row in self.rows if row.product and row.product.pk == product), None)


def sent(data: QueryDict, location: int | None = None) -> Rows:
    """The rows as they were sent; with `step=add` what was scanned or pasted is among them, the newest first."""
    typed = zip(data.getlist("code"), data.getlist("quantity"), strict=False)
    rows = [Row(code.strip()[:MOST_CHARS], quantity.strip()[:12]) for code, quantity in typed if code.strip()]
    rows = [row for row in rows if row.code != data.get("drop")]
    scanned, unread = _typed(data)
    found = find_products({row.code for row in [*rows, *scanned]})
    for row in [*rows, *scanned]:
        row.product = found.get(row.code)
    merged = _merged(scanned, rows)
    _look_at(merged, location)
    return Rows(merged[:MOST_ROWS], _said(len(merged), unread))


def check(rows: Rows) -> None:
    """What keeps the rows from being posted, said at each of them."""
    for row in rows.rows:
        if row.product is None:
            row.errors.append("No product has this SKU or barcode.")
        elif row.pieces is None:
            row.errors.append(f"“{row.quantity}” is no quantity: a whole number from 1 to {MOST_PIECES:,} is.")


def refuse(rows: Rows, faults: Iterable[Mapping[str, object]]) -> str:
    """Put the ledger's words beside the rows they are about; what is about none of them is given back."""
    left = []
    for fault in faults:
        row = rows.find(int(str(fault["product"])))
        if row and str(fault["message"]) not in row.errors:
            row.errors.append(str(fault["message"]))
        elif not row:
            left.append(str(fault["message"]))
    return " ".join(left)


def _typed(data: QueryDict) -> tuple[list[Row], list[str]]:
    """What the scan field and the pasted list say, and the lines that nobody can read."""
    found, unread = [], []
    for line in [data.get("scan", ""), *data.get("pasted", "").splitlines()[:MOST_ROWS]]:
        if not line.strip():
            continue
        match = TYPED.match(line.strip())
        if match and len(match["code"]) <= MOST_CHARS:
            found.append(Row(match["code"], match["quantity"] or "1", fresh=True))
        else:
            unread.append(line.strip()[:80])
    return found, unread


def _merged(scanned: list[Row], rows: list[Row]) -> list[Row]:
    """One row for each product or unknown code; scanned once more, a row counts more and comes first."""
    merged: dict[object, Row] = {}
    for row in [*rows, *scanned]:
        key: object = row.product.pk if row.product else row.code
        known = merged.pop(key, None)
        if known and known.pieces is not None and row.pieces is not None:
            row.quantity = str(known.pieces + row.pieces)
        elif known and known.pieces is None:
            row.quantity = known.quantity
        merged[key] = row
    fresh = [row for row in merged.values() if row.fresh]
    return [*reversed(fresh), *(row for row in merged.values() if not row.fresh)]


def _look_at(rows: list[Row], location: int | None) -> None:
    """What lies at the location now, for all rows at once; the SKU in place of what was scanned."""
    products = [row.product.pk for row in rows if row.product]
    levels = StockLevel.objects.filter(product__in=products, location=location) if location and products else []
    by_product = {level.product_id: level for level in levels}
    for row in rows:
        if row.product is None:
            continue
        row.code = row.product.sku
        level = by_product.get(row.product.pk)
        row.on_hand = level.on_hand if level else 0
        row.available = level.available if level else 0


def _said(count: int, unread: list[str]) -> str:
    said = []
    if unread:
        said.append(f"Not understood: {' · '.join(unread[:5])}. Write a code, and a quantity behind it if it is not 1.")
    if count > MOST_ROWS:
        said.append(f"Only {MOST_ROWS} lines fit into one posting; {count - MOST_ROWS:,} were left out.")
    return " ".join(said)
