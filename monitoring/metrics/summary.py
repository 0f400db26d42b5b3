"""What was measured of a series in a span of time, and what can be told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from monitoring.metrics import bins


@dataclass(slots=True)
class Summary:
    """`count` happenings of which `errors` failed; sum, least, most and histogram of their values, where they have one.

    Values are never negative, and are in the metric's unit (`names`).
    """

    count: int = 0
    errors: int = 0
    total: float = 0.0
    least: float | None = None
    most: float | None = None
    bins: dict[int, int] = field(default_factory=dict)

    def add_value(self, value: float, *, failed: bool = False) -> None:
        value = float(value)  # whoever counts has an int, and the database takes no list of both
        self.count += 1
        self.errors += failed
        self.total += value
        self.least = value if self.least is None else min(self.least, value)
        self.most = value if self.most is None else max(self.most, value)
        bin = bins.bin_of(value)
        self.bins[bin] = self.bins.get(bin, 0) + 1

    def merge(self, other: Summary) -> None:
        self.count += other.count
        self.errors += other.errors
        self.total += other.total
        self.least = min((v for v in (self.least, other.least) if v is not None), default=None)
        self.most = max((v for v in (self.most, other.most) if v is not None), default=None)
        for bin, number in other.bins.items():
            self.bins[bin] = self.bins.get(bin, 0) + number

    @property
    def values(self) -> int:
        """How many of the count have a value."""
        return sum(self.bins.values())

    @property
    def average(self) -> float | None:
        return self.total / self.values if self.bins else None

    @property
    def failure_rate(self) -> float | None:
        """In percent of the count."""
        return 100.0 * self.errors / self.count if self.count else None

    def percentile(self, percent: float) -> float | None:
        """`percentile(99)`: within 2 %, and never outside of what was measured."""
        value = bins.percentile(self.bins, percent / 100)
        if value is None or self.least is None or self.most is None:
            return None
        return min(max(value, self.least), self.most)


def merged(summaries: Iterable[Summary]) -> Summary:
    total = Summary()
    for summary in summaries:
        total.merge(summary)
    return total
