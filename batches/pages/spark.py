"""A problem's last 24 hours as small bars, and in words for whoever does not see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

TALL = 24


@dataclass(frozen=True)
class Bar:
    """`x`, `y` and `height` are of a drawing 96 wide and 24 tall."""

    at: datetime
    count: int
    x: int
    y: float
    height: float


class Spark(NamedTuple):
    bars: list[Bar]
    total: int
    told: str


def spark(hours: list[int], now: datetime | None = None) -> Spark:
    """Of the letters of each hour, the present one last."""
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    most, total = max(hours, default=0), sum(hours)
    bars = []
    for place, count in enumerate(hours):
        # An hour with a single letter is still seen beside one with thousands.
        height = max(TALL * count / most, 2.0) if count else 0.0
        bars.append(Bar(last - timedelta(hours=len(hours) - 1 - place), count, place * 4, TALL - height, height))
    return Spark(bars, total, _told(bars, total, most))


def _told(bars: list[Bar], total: int, most: int) -> str:
    if not total:
        return "No new letter in the last 24 hours."
    at = next(bar.at for bar in bars if bar.count == most)
    return f"{total:,} new in the last 24 hours, most of them ({most:,}) in the hour from {at:%H}:00."
