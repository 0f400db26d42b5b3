"""The kind "receipts": one line of a result file → one checked receipt or the reason why not (requirement Y3)."""

from typing import Any, Final

import msgspec

from batches.formats.envelope import Answer, open_envelope
from batches.formats.fields import clean_text, parse_date, parse_timestamp
from batches.formats.missing import missing_fields
from batches.formats.model_json import decode_object
from batches.formats.money import Digits, parse_amount
from batches.formats.rejection import Code, Rejected, Rejection, shown

MAX_MERCHANT_CHARS: Final = 200
MAX_DESCRIPTION_CHARS: Final = 2_000
CATEGORIES: Final = ("sale", "purchase", "shipping", "packaging", "fee", "other")
TYPES: Final = ("income", "expense")
_CATEGORY_OF = {name: name for name in CATEGORIES} | {
    "売上": "sale",
    "売り上げ": "sale",
    "売上げ": "sale",
    "仕入": "purchase",
    "仕入れ": "purchase",
    "送料": "shipping",
    "配送料": "shipping",
    "梱包": "packaging",
    "梱包材": "packaging",
    "手数料": "fee",
    "その他": "other",
}
_TYPE_OF = {name: name for name in TYPES}


class Receipt(msgspec.Struct, gc=False):
    """A row's worth, in canonical text: exact, COPY-ready, the same for what means the same.

    `amount` "1280.00", `date` "2026-02-03", `extracted_at` "2026-02-03T04:05:06Z" or "" when the answer has none.
    """

    image_id: str
    amount: str
    type: str
    date: str
    merchant: str
    category: str
    description: str
    extracted_at: str


class _Said(msgspec.Struct, gc=False, rename="camel"):
    """What the model answered. transactionId, jobId, userId and ttl are not its business and are skipped."""

    amount: Any = None
    type: str | None = None
    date: str | None = None
    merchant: str | None = None
    category: str | None = None
    description: str | None = None
    extracted_at: str | None = None
    image_id: str | int | None = None


_REQUIRED = ("amount", "type", "date", "merchant", "category")
_KNOWN = frozenset({*_Said.__struct_encode_fields__, "transactionId", "jobId", "userId", "ttl"})
# The hook keeps a number's digits, so that 1280.10 never becomes a float.
_DECODER = msgspec.json.Decoder(_Said, float_hook=Digits)


def parse_receipt(line: bytes) -> Receipt | Rejection:
    """One outcome for one line, whatever the bytes are; never raises on input."""
    answer = open_envelope(line)
    if isinstance(answer, Rejection):
        return answer
    try:
        return _receipt(answer)
    except Rejected as rejected:
        return rejected.rejection(answer.record_id)


def _receipt(answer: Answer) -> Receipt:
    said = decode_object(answer.text, _DECODER, cut_off=answer.cut_off)
    if said.amount is None or said.type is None or said.date is None or said.merchant is None or said.category is None:
        missing = [name for name in _REQUIRED if getattr(said, name) is None]
        raise missing_fields(answer.text, missing, _KNOWN)
    if said.image_id is not None and said.image_id != answer.record_id:
        _check_image(said.image_id, answer.record_id)
    return Receipt(
        answer.record_id,
        parse_amount(said.amount),
        _TYPE_OF.get(said.type) or _other_type(said.type),
        parse_date(said.date),
        clean_text(said.merchant, "merchant", MAX_MERCHANT_CHARS) or _no_merchant(said.merchant),
        _CATEGORY_OF.get(said.category) or _other_category(said.category),
        clean_text(said.description, "description", MAX_DESCRIPTION_CHARS) if said.description else "",
        parse_timestamp(said.extracted_at, "extractedAt") if said.extracted_at else "",
    )


def _check_image(image_id: str | int, record_id: str) -> None:
    named = str(image_id).strip()
    if named and named != record_id:
        message = f"The answer names image {shown(named)} but the record is {shown(record_id)}: the model answered "
        message += "about something else; run the record again."
        raise Rejected(Code.IMAGE_MISMATCH, message, field="imageId", part=named)


def _other_type(value: str) -> str:
    if known := _TYPE_OF.get(value.strip().lower()):
        return known
    message = f"The type {shown(value)} is neither `income` nor `expense`; correct it."
    raise Rejected(Code.INVALID_TYPE, message, field="type", part=value)


def _other_category(value: str) -> str:
    if known := _CATEGORY_OF.get(value.strip().lower()):
        return known
    message = f"The category {shown(value)} is unknown; choose one of {', '.join(_CATEGORY_OF)}."
    raise Rejected(Code.UNKNOWN_CATEGORY, message, field="category", part=value)


def _no_merchant(value: str) -> str:
    message = "`merchant` is empty; read the image again or fill it in."
    raise Rejected(Code.EMPTY_FIELD, message, field="merchant", part=value)
