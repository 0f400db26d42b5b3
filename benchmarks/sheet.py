"""What was measured. It is kept at the end of the page that is made of it, for a later run to be set beside."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.engine import Run


@dataclass
class Sheet:
    """`samples`: name → values in the order they were measured; `peaks`: bytes, likewise; `notes`: anything else."""

    samples: dict[str, list[float]] = field(default_factory=dict)
    peaks: dict[str, list[int]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, run: Run) -> None:
        self.samples.setdefault(name, []).append(run.rate)
        if run.peak:
            self.peaks.setdefault(name, []).append(run.peak)
        print(f"  {name:44} {run.rate:>15,.0f} /s  {run.seconds:8.2f} s", flush=True)

    def middle(self, name: str) -> float | None:
        """The median; None for what was not measured."""
        values = self.samples.get(name)
        return median(values) if values else None

    def ratio(self, one: str, other: str) -> float | None:
        """Of the medians."""
        above, below = self.middle(one), self.middle(other)
        return above / below if above and below else None

    def pairs(self, one: str, other: str) -> list[float]:
        """The ratios of what ran beside each other: a slow minute of the machine is in both."""
        return [a / b for a, b in zip(self.samples.get(one, []), self.samples.get(other, []), strict=True)]

    def over(self, earlier: Sheet) -> Sheet:
        """This run's figures in place of an earlier one's, which keeps its others; the commands of both are told."""
        commands = list(dict.fromkeys([*earlier.notes.get("commands", []), *self.notes.get("commands", [])]))
        notes = earlier.notes | self.notes | {"commands": commands}
        return Sheet(earlier.samples | self.samples, earlier.peaks | self.peaks, notes)

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def load(page: Path) -> Sheet:
    """Of the JSON at its end."""
    kept = re.search(r"(?m)^```json\n(.*)\n```$", page.read_text(encoding="utf-8")) if page.exists() else None
    return Sheet(**json.loads(kept[1])) if kept else Sheet()
