"""The kind "stock_counts": one line of a result file → how many of one SKU were counted at one place, or why not.

The model's answer; `sku`, `location` (its code) and `quantity` must be there:

    {"sku": "TOTE-1", "location": "TOKYO", "quantity": 12, "confidence": 0.9, "note": "second shelf"}
"""

from typing import Any, Final

import msgspec

from batches.formats.confidence import parse_confidence
from batches.formats.envelope import Answer, open_envelope
from batches.formats.fields import clean_text
from batches.formats.missing import missing_fields
from batches.formats.model_json import decode_object
from batches.formats.money import Digits
from batches.formats.rejection import Code, Rejected, Rejection, shown
from batches.formats.sku import parse_sku

MAX_LOCATION_CHARS: Final = 20
MAX_NOTE_CHARS: Final = 200
MAX_QUANTITY: Final = 2**31 - 1


class StockCount(msgspec.Struct, gc=False):
    """A row's worth, in canonical text. `confidence` "0.950" or None.

    `offset` and `length` say where its line stands: whether SKU and location are known, only the database can tell, and
    a line that turns out to be dead has to be found again.
    """

    record_id: str
    sku: str
    location: str
    quantity: int
    confidence: str | None
    note: str
    offset: int = 0
    length: int = 0


class _Said(msgspec.Struct, gc=False, rename="camel"):
    sku: str | int | None = None
    location: str | int | None = None
    quantity: Any = None
    confidence: Any = None
    note: str | None = None


_REQUIRED = ("sku", "location", "quantity")
_KNOWN = frozenset(_Said.__struct_encode_fields__)
_DECODER = msgspec.json.Decoder(_Said, float_hook=Digits)


def parse_count(line: bytes) -> StockCount | Rejection:
    """One outcome for one line, whatever the bytes are; never raises on input."""
    answer = open_envelope(line)
    if isinstance(answer, Rejection):
        return answer
    try:
        return _counted(answer)
    except Rejected as rejected:
        return rejected.rejection(answer.record_id)


def _counted(answer: Answer) -> StockCount:
    said = decode_object(answer.text, _DECODER, cut_off=answer.cut_off)
    if said.sku is None or said.location is None or said.quantity is None:
        raise missing_fields(answer.text, [name for name in _REQUIRED if getattr(said, name) is None], _KNOWN)
    return StockCount(
        answer.record_id,
        parse_sku(str(said.sku), "sku"),
        _location(str(said.location)),
        _quantity(said.quantity),
        None if said.confidence is None else parse_confidence(said.confidence),
        clean_text(said.note, "note", MAX_NOTE_CHARS) if said.note else "",
    )


def _location(value: str) -> str:
    code = value.strip()
    if 0 < len(code) <= MAX_LOCATION_CHARS and code.isprintable():
        return code
    message = f"The location {shown(code)} is no code of 1 to {MAX_LOCATION_CHARS} characters; correct it."
    raise Rejected(Code.INVALID_LOCATION, message, field="location", part=value)


def _quantity(value: object) -> int:
    # `type is`: true and false are ints too. Text of digits is what models make of a number that they quote.
    if type(value) is str and value.strip().isascii() and value.strip().isdecimal() and len(value) <= 20:
        value = int(value)
    if type(value) is int and 0 <= value <= MAX_QUANTITY:
        return value
    message = f"The quantity {shown(value)} is not a whole number from 0 to {MAX_QUANTITY:,}; count again."
    raise Rejected(Code.INVALID_QUANTITY, message, field="quantity", part=str(value))
