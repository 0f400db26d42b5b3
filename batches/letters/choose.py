"""Which letters an operation is about: the list's own filters, a group, or numbers that were ticked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, QuerySet

from batches.letters.filters import filtered
from batches.letters.refused import Refused
from batches.models import DeadLetter

MOST_TICKED = 1000


@dataclass(frozen=True)
class Choice:
    """Letters as a person chose them. `up_to` is the newest letter they were shown: later arrivals are not swept in."""

    filters: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    ids: tuple[int, ...] = ()
    up_to: int | None = None

    def kept(self) -> dict[str, Any]:
        """As it is kept with a redrive."""
        kept: dict[str, Any] = {"filters": dict(self.filters), "up_to": self.up_to}
        return kept | ({"group": self.group} if self.group else {}) | ({"ids": list(self.ids)} if self.ids else {})


def chosen(choice: Choice) -> QuerySet[DeadLetter]:
    """The letters of the choice, whatever their status. Refused when it is none, or a filter is not known."""
    if not (choice.filters or choice.group or choice.ids):
        raise Refused("Say which letters: by a filter, a group, or their numbers.")
    if len(choice.ids) > MOST_TICKED:
        raise Refused(f"At most {MOST_TICKED:,} letters can be named by number: choose more of them by a filter.")
    letters = filtered(choice.filters)
    if choice.group:
        letters = letters.filter(group=choice.group)
    if choice.ids:
        letters = letters.filter(pk__in=choice.ids)
    return letters.filter(pk__lte=choice.up_to) if choice.up_to is not None else letters


def newest_letter() -> int:
    """The number to keep as `up_to` when a choice is shown."""
    return int(DeadLetter.objects.aggregate(newest=Max("pk"))["newest"] or 0)
