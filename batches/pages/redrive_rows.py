"""A redrive as lists and its own page show it: how far it is, and what became of its letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from batches.letters.progress import Figures
from batches.models import Redrive
from batches.pages import links
from batches.states import ItemStatus, RedriveStatus


@dataclass(frozen=True)
class Part:
    """Letters of one outcome; `share` is of all of them, in %."""

    name: str
    label: str
    count: int
    share: float
    url: str


@dataclass(frozen=True)
class RedriveRow:
    redrive: Redrive
    figures: Figures

    @property
    def url(self) -> str:
        return links.page("redrive", self.redrive.pk)

    @property
    def going_on(self) -> bool:
        return self.redrive.status == RedriveStatus.RUNNING

    @property
    def percent(self) -> float:
        total = self.figures.total
        return 100.0 * (total - self.figures.waiting) / total if total else 0.0

    @property
    def whole_percent(self) -> int:
        """100 only when nothing waits any more."""
        return int(self.percent)

    @property
    def chosen(self) -> str:
        """What was chosen, in words."""
        return ", ".join(f"{name} {value}" for name, value in self.redrive.filters.items()) or "all letters"

    @property
    def parts(self) -> list[Part]:
        total = self.figures.total or 1
        return [
            Part(status.value, str(status.label), count, 100.0 * count / total, f"{self.url}?status={status.value}")
            for status in (
                ItemStatus.PUT_RIGHT, ItemStatus.FAILED, ItemStatus.SKIPPED, ItemStatus.CANCELLED, ItemStatus.WAITING,
            )
            if (count := int(getattr(self.figures, status.value))) or status in (ItemStatus.PUT_RIGHT,
                                                                                ItemStatus.FAILED)
        ]  # fmt: skip


def redrive_rows(redrives: Iterable[Redrive], figures: Mapping[int, Figures]) -> list[RedriveRow]:
    return [RedriveRow(redrive, figures.get(redrive.pk, Figures())) for redrive in redrives]
