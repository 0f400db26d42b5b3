"""Why somebody does something: asked for wherever it cannot be told from the deed."""

from __future__ import annotations

MOST_CHARS = 2000


class NoReason(ValueError):
    """No reason was given, or one that is too long."""


def checked_reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise NoReason("Say why: the reason is kept in the history and in the audit log.")
    if len(reason) > MOST_CHARS:
        raise NoReason(f"The reason has {len(reason):,} characters: at most {MOST_CHARS:,} are kept.")
    if "\0" in reason:
        raise NoReason("The reason contains a NUL character, which cannot be stored.")
    return reason
