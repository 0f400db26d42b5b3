"""The amount of a receipt that is no record for another reason: what a dead line is worth, as far as it can be told."""

from typing import Any

import msgspec

from batches.formats.envelope import Answer, open_envelope
from batches.formats.model_json import decode_object
from batches.formats.money import Digits, parse_amount
from batches.formats.rejection import Rejected


class _Amount(msgspec.Struct, gc=False):
    amount: Any = None


_DECODER = msgspec.json.Decoder(_Amount, float_hook=Digits)


def readable_amount(line: bytes) -> str | None:
    """`"1280.00"`, or None. Exact or nothing: an amount that is itself at fault is not guessed."""
    answer = open_envelope(line)
    if not isinstance(answer, Answer):
        return None
    try:
        said = decode_object(answer.text, _DECODER)
        return parse_amount(said.amount) if said.amount is not None else None
    except Rejected:
        return None
