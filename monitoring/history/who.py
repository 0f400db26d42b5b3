"""Who did it, in words, for changes and for entries of the audit log alike."""

from __future__ import annotations

from monitoring.history.change import Change, Via
from monitoring.models import AuditEntry


def who_changed(change: Change) -> str:
    if change.actor:
        return str(change.actor.get_username())
    if change.via == Via.OUTSIDE:
        return f"Outside of Nightshelf (database user {change.by})"
    return change.by or "Nightshelf itself"


def who_did(entry: AuditEntry) -> str:
    return str(entry.actor.get_username()) if entry.actor else "Nightshelf itself"


def by_which_way(change: Change) -> str:
    """`Admin · POST /admin/…`; where it came from outside, the program."""
    return " · ".join(part for part in (change.get_via_display(), change.place) if part)
