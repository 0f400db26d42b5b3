"""A stray message to look at: its body laid out, elided when it is huge, and nothing in it that opens a door."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from batches.formats.rejection import visible
from batches.models import DeadLetter, StrayMessage
from batches.states import LetterKind

MOST_SHOWN = 8_000
HIDDEN = "‹not shown›"
# An unsubscribe address works for anybody who has it.
_SECRET_NAME = re.compile(
    r"pass(word|wd)?$|secret|token|signature|authorization|credential|api.?key|cookie|unsubscribe", re.IGNORECASE
)
_SECRET_IN_URL = re.compile(
    r"(?P<start>://[^/\s:@]*:(?=[^/\s@]*@)|[?&](?:[^=&\s]*(?:signature|token|credential|secret)[^=&\s]*)=)[^@&\s\"]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ShownMessage:
    row: StrayMessage
    body: str
    elided: int  # characters that are not shown
    cut: bool  # longer than what is kept


def message_of(letter: DeadLetter) -> ShownMessage | None:
    """What the letter's message was; None for a letter that is not about one."""
    if letter.kind != LetterKind.EVENT:
        return None
    row = StrayMessage.objects.filter(letter=letter).first()
    if row is None:
        return None
    text = shown(bytes(row.body))
    return ShownMessage(row, text[:MOST_SHOWN], max(0, len(text) - MOST_SHOWN), row.size > len(row.body))


def shown(body: bytes) -> str:
    """JSON is laid out, and JSON within its strings too (SNS); Celery's base64 is unpacked. Secrets are left out."""
    text = _unpacked(body).decode("utf-8", "backslashreplace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _visible(_without_secrets(text))
    return _visible(json.dumps(_cleaned(found), indent=2, ensure_ascii=False))


def _visible(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))


def _cleaned(value: Any, name: str = "", depth: int = 0) -> Any:
    if _SECRET_NAME.search(name) and not isinstance(value, (dict, list)):
        return HIDDEN
    if isinstance(value, dict):
        return {key: _cleaned(part, key, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [_cleaned(part, name, depth + 1) for part in value]
    if isinstance(value, str):
        return _cleaned_text(value, depth)
    return value


def _cleaned_text(value: str, depth: int) -> Any:
    if value[:1] in ("{", "[") and depth < 3:
        try:
            return _cleaned(json.loads(value), depth=depth + 1)
        except (ValueError, RecursionError):
            pass
    return _without_secrets(value)


def _without_secrets(text: str) -> str:
    return _SECRET_IN_URL.sub(rf"\g<start>{HIDDEN}", text)


def _unpacked(body: bytes) -> bytes:
    try:
        unpacked = base64.b64decode(body, validate=True)
        json.loads(unpacked)
    except (binascii.Error, ValueError, RecursionError):
        return body
    return unpacked
