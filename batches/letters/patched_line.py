"""A result line whose answer was changed: by a rule's operations, or written anew by a person. Pure.

The line in storage stays as it is: this is what is read in its place. It is in the plainest dialect, `generation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from batches.formats.envelope import open_envelope
from batches.formats.model_json import decode_object
from batches.formats.rejection import Rejected, Rejection
from batches.letters.patch import OPERATIONS, Operation, patched

# A person's own answer for one letter, instead of operations: {"op": "answer", "text": …, "record_id": …}.
ANSWER = "answer"

# Decimal keeps a number's digits: 1280.10 goes back as it came.
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def patched_line(line: bytes, operations: Sequence[Operation], *, record_id: str = "") -> bytes:
    """The line as it is to be read. One whose answer is no object comes back as it is: reading it says what is wrong.

    `record_id` is what is known of the line's record from elsewhere, for a line that cannot be opened.
    """
    for operation in operations:
        line = _patched(line, operation, record_id)
    return line


def answer_text(line: bytes) -> str:
    """The model's text in a line, for a person to correct; '' when there is none."""
    answer = open_envelope(line)
    return "" if isinstance(answer, Rejection) else answer.text


def _patched(line: bytes, operation: Operation, record_id: str) -> bytes:
    opened = open_envelope(line)
    if operation["op"] == ANSWER:
        known = opened.record_id or record_id or operation.get("record_id", "")
        return _line(known, operation["text"])
    if isinstance(opened, Rejection) or operation["op"] not in OPERATIONS:
        return line
    try:
        said = decode_object(opened.text, _DECODER, cut_off=opened.cut_off)
    except Rejected:
        return line
    return _line(opened.record_id, _ENCODER.encode(patched(said, [operation])).decode())


def _line(record_id: str, text: str) -> bytes:
    named = {"recordId": record_id} if record_id else {}
    return _ENCODER.encode({**named, "modelOutput": {"generation": text}})
