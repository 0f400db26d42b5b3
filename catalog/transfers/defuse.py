"""Text that a spreadsheet would run as a formula gets an apostrophe in front; reading takes that apostrophe off again.

Both are decided by the same question, so reading what was written is the identity for every text, also for one that has
such an apostrophe of its own.
"""

from __future__ import annotations

from unicodedata import normalize

MARK = "'"
# U+2212 is no compatibility form of the hyphen, but spreadsheets read it as a minus.
DANGEROUS = frozenset("=+-@\N{MINUS SIGN}")
STARTS = ("\t", "\r", "\n")
UNSEEN = " \t\r\n\v\f\xa0\u3000\u200b\u200c\u200d\u2060\ufeff"


def defused(text: str) -> str:
    return MARK + text if _would_run(text) else text


def disarmed(text: str) -> str:
    """What `defused` was given."""
    return text[1:] if text.startswith(MARK) and _would_run(text[1:]) else text


def _would_run(text: str) -> bool:
    bare = text.lstrip(MARK)
    if bare.startswith(STARTS):
        return True
    first = bare.lstrip(UNSEEN)[:1]
    return bool(first) and normalize("NFKC", first)[:1] in DANGEROUS
