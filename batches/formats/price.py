"""A product's price, exactly: from the source's digits to the digits of a `numeric(10,2)`, never through a float."""

import re
from decimal import Decimal, InvalidOperation

from batches.formats.money import Digits
from batches.formats.rejection import Code, Rejected, shown

MAX_PRICE = Decimal("99999999.99")
_MAX_CHARS = 64
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．￥－　\u00a0−", "0123456789,.¥-  -")
_WRITTEN = re.compile(
    r"\s*(?:JPY|[¥\\])?\s*(?P<minus>-)?\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<cents>\d+))?\s*(?:円|JPY)?\s*",
    re.ASCII,
)


def parse_price(value: object) -> str:
    """The price with two decimals (`"1280.00"`), 0 included; raises `Rejected`.

    `value` is an int, the `Digits` of another JSON number, or text such as ¥1,280.
    """
    if type(value) is int:
        return _checked(Decimal(value), str(value))
    if not isinstance(value, str):
        message = f"`price` must be a number or text, but the answer has {shown(value)} there; correct it."
        raise Rejected(Code.WRONG_TYPE, message, field="price", part=shown(value))
    if len(value) > _MAX_CHARS:
        raise _refused(value, f"has {len(value):,} characters, which is no price")
    try:
        return _checked(Decimal(value) if isinstance(value, Digits) else _from_text(value), value)
    except InvalidOperation:  # an exponent beyond all measure
        raise _refused(value, "is no price that can be read; write it like 1280 or 1280.50") from None


def _from_text(value: str) -> Decimal:
    found = _WRITTEN.fullmatch(value.translate(_FULL_WIDTH))
    if found is None:
        raise _refused(value, "is no price that can be read; write it like 1280 or 1280.50")
    cents = found["cents"] or "0"
    if len(cents) == 3 and len(found["whole"]) <= 3:
        raise _refused(value, "is ambiguous: the point may mean thousands or decimals; write it like 1280.50")
    return Decimal(f"{found['minus'] or ''}{found['whole'].replace(',', '')}.{cents}")


def _checked(price: Decimal, value: str) -> str:
    if price < 0:
        raise _refused(value, "is negative, and a price is 0 or more")
    if price > MAX_PRICE:
        raise _refused(value, f"is more than {MAX_PRICE:,}, the highest price there can be")
    if price != price.quantize(Decimal("0.01")):
        raise _refused(value, "has more than 2 decimals, and rounding would be guessing")
    return f"{price:.2f}"


def _refused(value: str, problem: str) -> Rejected:
    message = f"The price {shown(value)} {problem}; correct it or ask the model again."
    return Rejected(Code.INVALID_PRICE, message, field="price", part=value)
