"""Which way the lines of each kind may go: a receipt brings, a shipment takes, a transfer keeps the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from inventory.ledger.lines import Line
from inventory.ledger.refused import BadLine, told
from inventory.models.posting import PostingKind

Shape = Callable[[Line], bool]

SHAPES: dict[PostingKind, tuple[Shape, str]] = {
    PostingKind.RECEIPT: (lambda line: line.quantity > 0 == line.reserved, "a receipt brings pieces"),
    PostingKind.ADJUSTMENT: (lambda line: line.quantity != 0 == line.reserved, "an adjustment changes what is on hand"),
    PostingKind.TRANSFER: (lambda line: line.quantity != 0 == line.reserved, "a transfer moves what is on hand"),
    PostingKind.RESERVATION: (lambda line: line.quantity == 0 < line.reserved, "a reservation promises pieces"),
    PostingKind.RELEASE: (lambda line: line.quantity == 0 > line.reserved, "a release gives reserved pieces free"),
    PostingKind.SHIPMENT: (lambda line: line.quantity < 0 and line.quantity <= line.reserved <= 0, "a shipment takes"),
    PostingKind.COUNT: (lambda line: line.quantity != 0 >= line.reserved, "a count corrects what is on hand"),
    PostingKind.REVERSAL: (lambda line: True, ""),
}


def check_shape(kind: PostingKind, lines: Sequence[Line]) -> None:
    fits, rule = SHAPES[kind]
    faults = [line for line in lines if not fits(line) or (line.reserved_first and kind != PostingKind.SHIPMENT)]
    if faults:
        raise _bad(faults, f"changes by {{0.quantity:+}}, reserved by {{0.reserved:+}}: {rule}.")
    if kind == PostingKind.TRANSFER:
        sums: Counter[int] = Counter()
        for line in lines:
            sums[line.product_id] += line.quantity
        if faults := [line for line in lines if sums[line.product_id]]:
            raise _bad(faults, "does not arrive where it was sent: what leaves one location comes to another.")


def _bad(lines: Sequence[Line], fault: str) -> BadLine:
    rows = [
        {
            "product": line.product_id,
            "location": line.location_id,
            "message": f"The line of product {line.product_id} at location {line.location_id} {fault.format(line)}",
        }
        for line in lines
    ]
    return BadLine(told([str(row["message"]) for row in rows]), rows)
