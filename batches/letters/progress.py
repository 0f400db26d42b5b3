"""How far a redrive is: its letters by what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from batches.models import RedriveItem


@dataclass(frozen=True)
class Figures:
    waiting: int = 0
    put_right: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.done + self.cancelled

    @property
    def done(self) -> int:
        """Letters that were begun, whatever came of it."""
        return self.put_right + self.failed + self.skipped


def of_redrives(redrive_ids: Iterable[int]) -> dict[int, Figures]:
    """The figures of several redrives in one query."""
    items = RedriveItem.objects.filter(redrive__in=list(redrive_ids)).order_by()
    found: dict[int, dict[str, int]] = {}
    for redrive_id, status, number in items.values_list("redrive", "status").annotate(n=Count("pk")):
        found.setdefault(redrive_id, {})[status] = number
    return {redrive_id: Figures(**counts) for redrive_id, counts in found.items()}


def of_redrive(redrive_id: int) -> Figures:
    return of_redrives([redrive_id]).get(redrive_id, Figures())
