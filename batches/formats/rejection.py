"""Why a line cannot become a record, told so that an operator can act on it (requirements Y2, Y13)."""

import re
from enum import StrEnum

import msgspec

EXCERPT_CHARS = 500
MESSAGE_CHARS = 1_000
RECORD_ID_CHARS = 200
# Enough source to still fill an excerpt once images are left out, and never a whole 300 kB line.
_WINDOW = 4_000
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{80,}={0,2}")
# Not storable in PostgreSQL (NUL, surrogates), invisible, or reordering the page around them (bidi controls).
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Code(StrEnum):
    """Stable machine codes: stored, filtered by, counted. Never rename one."""

    MALFORMED_JSON = "malformed_json"
    NOT_AN_OBJECT = "not_an_object"
    TOO_DEEP = "too_deep"
    INVALID_UTF8 = "invalid_utf8"
    NUL_BYTES = "nul_bytes"
    LONE_SURROGATE = "lone_surrogate"
    LINE_TOO_LONG = "line_too_long"
    UNKNOWN_SHAPE = "unknown_shape"
    MODEL_ERROR = "model_error"
    MISSING_RECORD_ID = "missing_record_id"
    DUPLICATE_RECORD_ID = "duplicate_record_id"
    INVALID_RECORD_ID = "invalid_record_id"
    EMPTY_ANSWER = "empty_answer"
    ANSWER_CUT_OFF = "answer_cut_off"
    NO_JSON_IN_ANSWER = "no_json_in_answer"
    SEVERAL_OBJECTS = "several_objects"
    INVALID_NUMBER = "invalid_number"
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    IMAGE_MISMATCH = "image_mismatch"
    INVALID_AMOUNT = "invalid_amount"
    INVALID_TYPE = "invalid_type"
    INVALID_DATE = "invalid_date"
    INVALID_TIMESTAMP = "invalid_timestamp"
    UNKNOWN_CATEGORY = "unknown_category"
    EMPTY_FIELD = "empty_field"
    TEXT_TOO_LONG = "text_too_long"
    INVALID_SKU = "invalid_sku"
    SKU_MISMATCH = "sku_mismatch"
    INVALID_LOCATION = "invalid_location"
    INVALID_PRICE = "invalid_price"
    INVALID_CONFIDENCE = "invalid_confidence"
    INVALID_QUANTITY = "invalid_quantity"
    # Told by the database, not by the line: the line is right as soon as the product or the location is registered.
    UNKNOWN_SKU = "unknown_sku"
    UNKNOWN_LOCATION = "unknown_location"


class Rejection(msgspec.Struct, frozen=True, gc=False):
    """One line that did not become a record. Every field can go into a PostgreSQL text column as it is."""

    code: str
    field: str
    message: str
    excerpt: str
    record_id: str


class Rejected(Exception):
    """Carries a reason from where it is understood to `parse_…` and `open_…`, which return a `Rejection`."""

    def __init__(
        self, code: Code, message: str, *, field: str = "", part: str | bytes = "", at: int | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.field, self.part, self.at = code, message, field, part, at

    def rejection(self, record_id: str = "") -> Rejection:
        return Rejection(
            # The plain value: database adapters treat members of an Enum in their own ways.
            code=self.code.value,
            field=visible(self.field)[:100],
            message=visible(self.message)[:MESSAGE_CHARS],
            excerpt=excerpt(self.part, self.at),
            record_id=visible(record_id)[:RECORD_ID_CHARS],
        )


def excerpt(part: str | bytes, at: int | None = None) -> str:
    """At most 500 storable characters of `part`, from shortly before index `at`; long base64 runs left out."""
    begin = max(0, (at or 0) - EXCERPT_CHARS // 2)
    window = part[begin : begin + _WINDOW]
    text = window.decode("utf-8", "backslashreplace") if isinstance(window, bytes) else window
    text = visible(_BASE64.sub("‹base64›", text))
    text = f"…{text}" if begin else text
    whole = len(text) <= EXCERPT_CHARS and begin + _WINDOW >= len(part)
    return text if whole else text[: EXCERPT_CHARS - 1] + "…"


def visible(text: str) -> str:
    """The text with control characters and lone surrogates written as escapes."""
    # str.isprintable is an order of magnitude quicker than the search and true for nearly every text.
    return text if text.isprintable() else _HIDDEN.sub(_escape, text)


def shown(value: object) -> str:
    """A value as it appears inside a sentence: visible, short, in backticks, and with none of its own."""
    text = visible(value if isinstance(value, str) else repr(value)).replace("`", "'")
    return f"`{text[:80]}…`" if len(text) > 80 else f"`{text}`"


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"
