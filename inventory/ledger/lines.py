"""What a posting is asked to change, line by line, and the form in which two requests are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from inventory.ledger.refused import BadLine, NothingToPost

MOST_PIECES = 1_000_000_000
MOST_NOTE = 200


class Line(NamedTuple):
    """By how much a level changes, in pieces, signed.

    `reserved_first`: what goes out is taken from what is reserved as far as that goes; `reserved` is 0 then, and the
    movement says how much it was.
    """

    product_id: int
    location_id: int
    quantity: int
    reserved: int = 0
    note: str = ""
    reserved_first: bool = False


class Item(NamedTuple):
    """So many pieces of a product at a location, for verbs that know by themselves which way they go."""

    product_id: int
    location_id: int
    quantity: int
    note: str = ""


def merged(lines: Iterable[Line]) -> list[Line]:
    """One line for each level, in the order of their first appearance; lines that change nothing are gone.

    A posting happens at once: what comes and goes within it was never there, so a level gets one movement of it.
    """
    levels: dict[tuple[int, int], Line] = {}
    for line in lines:
        _check(line)
        known = levels.get(line[:2])
        levels[line[:2]] = _added(known, line) if known else line
    found = [line for line in levels.values() if line.quantity or line.reserved]
    if not found:
        raise NothingToPost("No line changes anything: there is nothing to post.")
    return found


def content_of(kind: str, lines: Sequence[Line], *told: object) -> bytes:
    """A hash that is equal when the same was asked, whatever the order of the lines, and whoever asked."""
    asked = [kind, *told, sorted(lines)]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def _added(known: Line, line: Line) -> Line:
    notes = dict.fromkeys(note for note in (known.note, line.note) if note)
    both = known._replace(
        quantity=known.quantity + line.quantity, reserved=known.reserved + line.reserved, note="; ".join(notes)
    )
    if known.reserved_first != line.reserved_first:
        raise _bad(line, "takes what is reserved first in one line, and not in another: say it once.")
    _check(both)
    return both


def _check(line: Line) -> None:
    for pieces in (line.quantity, line.reserved):
        if type(pieces) is not int or abs(pieces) > MOST_PIECES:
            raise _bad(line, f"changes by {pieces!r}: a whole number of at most {MOST_PIECES:,} pieces is needed.")
    if len(line.note) > MOST_NOTE or "\0" in line.note:
        raise _bad(line, f"has a note of {len(line.note):,} characters: at most {MOST_NOTE}, without NUL, are kept.")
    if line.reserved_first and (line.reserved or line.quantity > 0):
        raise _bad(line, "takes what is reserved first: only what goes out can.")


def _bad(line: Line, fault: str) -> BadLine:
    message = f"The line of product {line.product_id} at location {line.location_id} {fault}"
    return BadLine(message, [{"product": line.product_id, "location": line.location_id, "message": message}])
