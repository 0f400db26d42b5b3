"""What archived products and closed locations still take: nothing new comes in, what is left may go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from catalog.models import ProductStatus
from inventory.ledger.lines import Line
from inventory.ledger.refused import BadLine, NotAccepted, told
from inventory.models.posting import PostingKind

# Counts, adjustments and reversals say what is true, and are taken everywhere.
BRINGS = (PostingKind.RECEIPT, PostingKind.RESERVATION)


class Place(NamedTuple):
    """What a line's ids stand for; None: there is no such product, or location."""

    sku: str | None
    status: str | None
    code: str | None
    is_active: bool | None


def check_accepted(kind: PostingKind, lines: Sequence[Line], places: Sequence[Place]) -> None:
    pairs = list(zip(lines, places, strict=True))
    if rows := [_row(line, fault) for line, place in pairs if (fault := _unknown(line, place))]:
        raise BadLine(told([str(row["message"]) for row in rows]), rows)
    if rows := [_row(line, fault) for line, place in pairs if (fault := _closed(kind, line, place))]:
        raise NotAccepted(told([str(row["message"]) for row in rows]), rows)


def _unknown(line: Line, place: Place) -> str:
    if place.sku is None:
        return f"There is no product {line.product_id}."
    return f"There is no location {line.location_id}." if place.code is None else ""


def _closed(kind: PostingKind, line: Line, place: Place) -> str:
    if kind in BRINGS and place.status == ProductStatus.ARCHIVED:
        does = "received" if kind == PostingKind.RECEIPT else "reserved"
        return f"{place.sku} is archived: nothing more is {does}. Take it out of the archive first."
    if not place.is_active and (kind in BRINGS or (kind == PostingKind.TRANSFER and line.quantity > 0)):
        return f"{place.code} is closed: {place.sku} cannot come there. Open the location, or choose another."
    return ""


def _row(line: Line, fault: str) -> dict[str, object]:
    return {"product": line.product_id, "location": line.location_id, "message": fault}
