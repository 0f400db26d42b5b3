"""What may be stored of a message: what went wrong, not whose data it went wrong with."""

from __future__ import annotations

import re

MOST_CHARS = 500
# In this order: what is quoted may hold anything, so it goes first.
RULES = (
    (re.compile(r"""(?<!\w)(?:'[^']*'|"[^"]*")"""), "'…'"),
    (re.compile(r"//[^/\s@]+@"), "//…@"),
    (re.compile(r"[^\s@<>:]+@[^\s@<>:]+\.\w+"), "…@…"),
    (re.compile(r"\?\S+=\S*"), "?…"),
    (re.compile(r"\b(uploads|processed|batch-output|transfers|products)/\S+"), r"\1/…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), r"\1 …"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|api[_-]?key)\b(\s*[=:]\s*)\S+"), r"\1\2…"),
)
SECRET_NAMES = re.compile(r"(?i)pass|secret|token|cookie|authorization|session|e_?mail|api_?key|address|phone")


def redacted(text: str) -> str:
    """The first line of it: PostgreSQL puts the row's values in the ones below."""
    first = text.strip().partition("\n")[0][: 4 * MOST_CHARS].replace("\x00", "")
    for pattern, put in RULES:
        first = pattern.sub(put, first)
    return first[:MOST_CHARS]


def told(fault: BaseException) -> str:
    """An exception in a sentence that may be stored."""
    return f"{type(fault).__name__}: {redacted(str(fault))}".rstrip(": ")
