"""A chart over time: what `nightshelf/chart.html` draws, and shows as a table to whoever has no scripts or no sight.

Missing figures are None and leave a gap. The last step is not over yet: it is drawn dashed, and the table says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pages import figures

# Told apart on light and dark, and by people who see no red or green.
COLORS = (
    "--ns-line-1", "--ns-line-2", "--ns-line-3", "--ns-line-4", "--ns-line-5", "--ns-line-6", "--ns-line-7",
    "--ns-line-8",
)  # fmt: skip
BAD = "--ns-dead"


class Line(NamedTuple):
    label: str
    values: Sequence[float | None]
    color: str = ""


class Target(NamedTuple):
    """A line that should not be crossed."""

    label: str
    value: float


class Row(NamedTuple):
    at: str  # as a machine reads it
    label: str
    cells: list[str]
    url: str
    unfinished: bool


@dataclass(frozen=True)
class TimeChart:
    """`urls`: the rows or traces behind each step, '' for none."""

    id: str
    title: str
    unit: str
    starts: Sequence[datetime]
    labels: Sequence[str]
    long_labels: Sequence[str]
    lines: Sequence[Line]
    targets: Sequence[Target] = ()
    urls: Sequence[str] = ()
    url: str = ""
    bars: bool = False
    note: str = ""

    @property
    def any(self) -> bool:
        return any(value is not None for line in self.lines for value in line.values)

    @property
    def data(self) -> str:
        """For `static/nightshelf/charts.js`, which knows how charts look."""
        return json.dumps(
            {
                "unit": self.unit,
                "bars": self.bars,
                "labels": list(self.labels),
                "lines": [
                    {
                        "label": line.label,
                        "values": [None if value is None else float(f"{value:.6g}") for value in line.values],
                        "color": line.color or COLORS[number % len(COLORS)],
                    }
                    for number, line in enumerate(self.lines)
                ],
                "targets": [{"label": target.label, "value": target.value} for target in self.targets],
            }
        )

    @property
    def rows(self) -> list[Row]:
        """The newest first; steps of which nothing is known and those where nothing happened are left out."""
        found = [
            Row(
                at.isoformat(),
                self.long_labels[place],
                [figures.quantity(line.values[place], self.unit) for line in self.lines],
                self.urls[place] if self.urls else "",
                place == len(self.starts) - 1,
            )
            for place, at in enumerate(self.starts)
            if any(line.values[place] for line in self.lines)
        ]
        return found[::-1]

    @property
    def told(self) -> str:
        """The chart in a sentence."""
        parts = []
        for line in self.lines:
            known = [value for value in line.values if value is not None]
            if known:
                least, most = figures.quantity(min(known), self.unit), figures.quantity(max(known), self.unit)
                last = figures.quantity(known[-1], self.unit)
                parts.append(f"{line.label}: from {least} to {most}, last {last}")
        return f"{self.title}. {'; '.join(parts)}." if parts else f"{self.title}: nothing was measured."
