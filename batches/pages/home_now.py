"""What is known of this moment: the last minutes of what the home page shows a present figure of. One query."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from monitoring.metrics import read
from monitoring.metrics.read import Key, Point
from monitoring.metrics.spans import MINUTE

FRESH = timedelta(minutes=5)  # levels are looked at once a minute: what is older says nothing of now
METRICS = ("batch.lines", "queue.depth", "queue.age")


class Lately(NamedTuple):
    now: datetime
    found: dict[str, dict[Key, list[Point]]]

    def speed(self, metric: str) -> float:
        """Of the present minute and the one before, a second: it does not jump to nothing when a minute begins."""
        before = self.now.replace(second=0, microsecond=0) - MINUTE
        counted = (
            point.summary.count for points in self.found[metric].values() for point in points if point.at >= before
        )
        return sum(counted) / (self.now - before).total_seconds()

    def last(self, metric: str) -> dict[Key, Point]:
        """What was seen last, by queue and broker."""
        return {key: points[-1] for key, points in self.found[metric].items()}


def lately(now: datetime) -> Lately:
    minute = now.replace(second=0, microsecond=0)
    return Lately(now, read.several(METRICS, minute - FRESH, minute + MINUTE, MINUTE, by=["queue", "broker"]))
