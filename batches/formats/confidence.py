"""How sure a model says it is: 0 to 1."""

from contextlib import suppress
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from batches.formats.money import Digits
from batches.formats.rejection import Code, Rejected, shown

_STEP = Decimal("0.001")


def parse_confidence(value: object, field: str = "confidence") -> str:
    """Three decimals (`"0.950"`), never rounded up: what is not quite sure enough does not become so. `Rejected`."""
    if type(value) is int or isinstance(value, Digits):
        with suppress(InvalidOperation):  # an exponent beyond all measure
            number = Decimal(value)
            if 0 <= number <= 1:
                return str(number.quantize(_STEP, ROUND_DOWN))
    hint = "write 0.95 for 95 %" if type(value) is int else "correct it or leave it out"
    message = f"The confidence {shown(value)} is not a number from 0 to 1; {hint}."
    raise Rejected(Code.INVALID_CONFIDENCE, message, field=field, part=str(value))
