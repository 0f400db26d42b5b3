"""Values as COPY's text format writes them, and back."""

from __future__ import annotations

import re

NULL = "\\N"
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def escaped(text: str) -> str:
    """Text for COPY. Nearly none needs escaping, and the look is cheaper than the translation."""
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def escaped_or_null(text: str | None) -> str:
    return NULL if text is None else escaped(text)


def unescaped(text: str) -> str:
    if text == NULL:
        return str(None)
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text)
