"""Amounts of money, exactly: from the source's digits to the digits of a `numeric(14,2)`, never through a float."""

import re
from decimal import Decimal

from batches.formats.rejection import Code, Rejected, shown

MAX_INTEGER_DIGITS = 12
MAX_DECIMALS = 2
_MAX_INT = 10**MAX_INTEGER_DIGITS - 1
_MAX_CHARS = 64

# Not NFKC: that would also turn the footnote in "1280²" into a digit.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．￥－＋　\u00a0−ー", "0123456789,.¥-+  --")
# Receipts write ¥ before, 円 or - behind. A backslash is what ¥ becomes in old Japanese encodings.
_AMOUNT = re.compile(
    r"\s*(?:(?:JPY|[¥\\])\s*)?\+?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<cents>\d+))?"
    r"(?:[eE](?P<exponent>[+-]?\d{1,3}))?\s*(?:円|JPY|-)?\s*",
    re.ASCII,
)
_NEGATIVE = re.compile(r"\s*(?:JPY|[¥\\])?\s*[-▲△][\s¥\\]*[\d.]")
NEGATIVE = "is negative, and an amount must be greater than 0 (`type` tells the direction)"
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_GROUPED_OR_NOT = re.compile(r"[\s¥\\JPY]*\d+(?:[.,]\d+)+[\s円JPY-]*", re.ASCII)


class Digits(str):
    """The source digits of a JSON number that is not an integer; give this to the decoder as `float_hook`."""

    __slots__ = ()


def parse_amount(value: object, field: str = "amount") -> str:
    """The amount with two decimals (`"1280.00"`), equal amounts giving equal text; raises `Rejected`.

    `value` is an int, the `Digits` of another JSON number, or text as Japanese receipts write it.
    """
    # By far the most frequent: yen have no decimals. `type is`, because true and false are ints too.
    if type(value) is int:
        if 0 < value <= _MAX_INT:
            return f"{value}.00"
        raise _out_of_range(value, field)
    if not isinstance(value, str):
        raise Rejected(
            Code.WRONG_TYPE,
            f"`{field}` must be a number or text, but the answer has {shown(value)} there; correct it.",
            field=field,
            part=shown(value),
        )
    return _from_text(value, field)


def _from_text(value: str, field: str) -> str:
    if len(value) > _MAX_CHARS:
        raise _refused(value, field, f"has {len(value):,} characters, which is no amount")
    # Translating costs more than matching, and most receipts need none.
    match = _AMOUNT.fullmatch(value) or _AMOUNT.fullmatch(value.translate(_FULL_WIDTH))
    if match is None:
        raise _unreadable(value.translate(_FULL_WIDTH), value, field)
    whole, cents, exponent = match.groups()
    if not isinstance(value, Digits) and cents and len(cents) == 3 and len(whole) <= 3:
        raise _ambiguous(value, field)
    whole = whole.replace(",", "")
    if exponent is not None:
        whole, cents = _without_exponent(whole, cents or "", int(exponent))
    return _canonical(whole.lstrip("0"), (cents or "").rstrip("0"), value, field)


def _canonical(whole: str, cents: str, value: str, field: str) -> str:
    if not whole and not cents:
        raise _out_of_range(0, field)
    if len(whole) > MAX_INTEGER_DIGITS:
        raise _too_large(value, field)
    if len(cents) > MAX_DECIMALS:
        raise _refused(value, field, f"has more than {MAX_DECIMALS} decimals, and rounding would be guessing")
    return f"{whole or '0'}.{cents:0<2}"


def _without_exponent(whole: str, cents: str, exponent: int) -> tuple[str, str]:
    # Construction and "f" formatting of a Decimal are exact; the pattern allows three digits of exponent only.
    plain = format(Decimal(f"{whole}.{cents or '0'}e{exponent}"), "f")
    moved_whole, _, moved_cents = plain.partition(".")
    return moved_whole, moved_cents


def _unreadable(text: str, value: str, field: str) -> Rejected:
    if _NOT_FINITE.fullmatch(text.strip()):
        return _refused(value, field, "is not a number")
    if _NEGATIVE.match(text):
        return _refused(value, field, NEGATIVE)
    if re.search(r"\d[eE][+-]?\d{4,}", text):
        return _too_large(value, field)
    if _GROUPED_OR_NOT.fullmatch(text):
        return _ambiguous(value, field)
    return _refused(value, field, "is no amount that can be read; write it like 1280, 1280.50 or ¥1,280")


def _ambiguous(value: str, field: str) -> Rejected:
    return _refused(value, field, "is ambiguous: the separator may mean thousands or decimals; write it like 1,280.50")


def _out_of_range(value: int, field: str) -> Rejected:
    if value > 0:
        return _too_large(str(value), field)
    return _refused(str(value), field, NEGATIVE if value else "is zero, and an amount must be greater than 0")


def _too_large(value: str, field: str) -> Rejected:
    return _refused(value, field, f"has more than {MAX_INTEGER_DIGITS} digits before the decimal point")


def _refused(value: str, field: str, problem: str) -> Rejected:
    message = f"The {field} {shown(value)} {problem}; compare it with the image and correct it."
    return Rejected(Code.INVALID_AMOUNT, message, field=field, part=value)
