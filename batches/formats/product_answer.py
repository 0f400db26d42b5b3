"""The kind "products": one line of a result file → what a model proposes for one SKU, or the reason why not.

The record's id is the SKU. The model's answer, each field may be left out, but not all four of the first:

    {"name": "Linen tote", "description": "…", "category": "bags", "price": 1280, "confidence": 0.92}

`confidence` is one number for all fields, or one for each: {"name": 0.99, "price": 0.4}. `sku`, where the answer names
one, must be the record's.
"""

from typing import Any, Final

import msgspec

from batches.formats.confidence import parse_confidence
from batches.formats.envelope import Answer, open_envelope
from batches.formats.fields import clean_text
from batches.formats.missing import missing_fields
from batches.formats.model_json import decode_object
from batches.formats.money import Digits
from batches.formats.price import parse_price
from batches.formats.rejection import Code, Rejected, Rejection, shown
from batches.formats.sku import parse_sku

MAX_NAME_CHARS: Final = 200
MAX_DESCRIPTION_CHARS: Final = 10_000
MAX_CATEGORY_CHARS: Final = 100
FIELDS: Final = ("name", "description", "category", "price")


class ProposedProduct(msgspec.Struct, gc=False):
    """A row's worth, in canonical text. None: nothing is proposed for that field.

    `price` "1280.00"; `confidences` by field, in the order of FIELDS: "0.950", or None where the model told none.
    """

    sku: str
    name: str | None
    description: str | None
    category: str | None
    price: str | None
    confidences: tuple[str | None, ...]


class _Said(msgspec.Struct, gc=False, rename="camel"):
    sku: str | int | None = None
    name: str | None = None
    description: str | None = None
    category: str | None = None
    price: Any = None
    confidence: Any = None


_KNOWN = frozenset(_Said.__struct_encode_fields__)
_DECODER = msgspec.json.Decoder(_Said, float_hook=Digits)


def parse_product(line: bytes) -> ProposedProduct | Rejection:
    """One outcome for one line, whatever the bytes are; never raises on input."""
    answer = open_envelope(line)
    if isinstance(answer, Rejection):
        return answer
    try:
        return _proposed(answer)
    except Rejected as rejected:
        return rejected.rejection(answer.record_id)


def _proposed(answer: Answer) -> ProposedProduct:
    said = decode_object(answer.text, _DECODER, cut_off=answer.cut_off)
    sku = parse_sku(answer.record_id, "recordId")
    if said.sku is not None:
        _check_sku(str(said.sku), sku)
    name = None if said.name is None else _name(said.name)
    description = _text(said.description, "description", MAX_DESCRIPTION_CHARS)
    category = _text(said.category, "category", MAX_CATEGORY_CHARS)
    price = None if said.price is None else parse_price(said.price)
    if name is None and description is None and category is None and price is None:
        raise missing_fields(answer.text, FIELDS, _KNOWN)
    return ProposedProduct(sku, name, description, category, price, _confidences(said.confidence))


def _check_sku(named: str, sku: str) -> None:
    # Without regard to case, as the catalogue's own SKUs are told apart.
    if named.strip() and named.strip().upper() != sku.upper():
        message = f"The answer names SKU {shown(named.strip())} but the record is {shown(sku)}: the model answered "
        message += "about something else; run the record again."
        raise Rejected(Code.SKU_MISMATCH, message, field="sku", part=named)


def _name(value: str) -> str:
    name = " ".join(clean_text(value, "name", MAX_NAME_CHARS).split())
    if name:
        return name
    raise Rejected(Code.EMPTY_FIELD, "`name` is empty; fill it in or leave it out.", field="name", part=value)


def _text(value: str | None, field: str, limit: int) -> str | None:
    """An empty text proposes nothing: it would take away what people wrote."""
    return (clean_text(value, field, limit) or None) if value is not None else None


def _confidences(value: Any) -> tuple[str | None, ...]:
    if value is None:
        return (None,) * len(FIELDS)
    if isinstance(value, dict):
        return tuple(
            parse_confidence(value[field], f"confidence.{field}") if value.get(field) is not None else None
            for field in FIELDS
        )
    return (parse_confidence(value),) * len(FIELDS)
