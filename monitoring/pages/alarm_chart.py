"""A rule's figure over time as a drawing of the server's: the threshold, and when it was an alarm. Needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from monitoring.alarms import points
from monitoring.alarms.check import unit_of
from monitoring.alarms.judge import breaching, written
from monitoring.alarms.points import Datapoint
from monitoring.alarms.words import State
from monitoring.models import AlarmRule, AlarmTransition

WIDE, TALL = 1000.0, 220.0
HEADROOM = 1.15
MOST_DOTS = 80  # where there are more, they would hide their own line


class Range(NamedTuple):
    label: str
    lasts: timedelta
    step: timedelta  # of one point at least; a rule's own period where that is longer


RANGES = {
    "1h": Range("1 hour", timedelta(hours=1), timedelta(minutes=1)),
    "6h": Range("6 hours", timedelta(hours=6), timedelta(minutes=1)),
    "24h": Range("24 hours", timedelta(hours=24), timedelta(minutes=5)),
    "7d": Range("7 days", timedelta(days=7), timedelta(hours=1)),
    "30d": Range("30 days", timedelta(days=30), timedelta(hours=6)),
}
USUAL = "6h"


class Spot(NamedTuple):
    """A datapoint: where it stands, the strip that is pointed at, and what is said of it."""

    x: float
    y: float
    left: float
    width: float
    told: str
    breach: bool
    dot: bool = False  # drawn as one: it breaches, no line leads to it, or there are few


class Band(NamedTuple):
    x: float
    width: float
    told: str


class Drawing(NamedTuple):
    lines: list[str]  # points of a polyline each: a missing datapoint makes a gap
    spots: list[Spot]
    bands: list[Band]
    threshold_y: float
    threshold: str
    top: str
    bottom: str
    first: datetime
    last: datetime
    step: str


def drawing(rule: AlarmRule, chosen: Range, now: datetime) -> Drawing:
    """Three queries at most. BadRule and the like are the caller's: such a rule has no chart."""
    step = max(chosen.step, timedelta(seconds=rule.period))
    told = points.chart(rule, now - chosen.lasts, points.settled(now), step)
    first, last = told[0].at, told[-1].at + step
    low, high = _scale(rule, told)
    unit = unit_of(rule)
    spots = _dotted(_spots(rule, told, low, high, unit))
    return Drawing(
        lines=_lines(spots), spots=[spot for spot in spots if spot], bands=_bands(rule, first, last),
        threshold_y=_y(rule.threshold, low, high), threshold=written(rule.threshold, unit), top=written(high, unit),
        bottom=written(low, unit), first=first, last=last, step=_words(step),
    )  # fmt: skip


def _scale(rule: AlarmRule, told: Sequence[Datapoint]) -> tuple[float, float]:
    values = [rule.threshold, *(point.value for point in told if point.value is not None)]
    low, high = min(0.0, *values), max(values)
    return low, low + ((high - low) * HEADROOM or 1.0)


def _spots(rule: AlarmRule, told: Sequence[Datapoint], low: float, high: float, unit: str) -> list[Spot | None]:
    width = WIDE / len(told)
    return [
        None if point.value is None else Spot(
            round((place + 0.5) * width, 1), _y(point.value, low, high), round(place * width, 1), round(width, 2),
            f"{_moment(point.at)}: {written(point.value, unit)}", breaching(rule, point.value),
        )
        for place, point in enumerate(told)
    ]  # fmt: skip


def _dotted(spots: list[Spot | None]) -> list[Spot | None]:
    few = sum(spot is not None for spot in spots) <= MOST_DOTS
    around = [None, *spots, None]
    return [
        spot and spot._replace(dot=few or spot.breach or not (around[place] or around[place + 2]))
        for place, spot in enumerate(spots)
    ]


def _lines(spots: Sequence[Spot | None]) -> list[str]:
    runs: list[list[str]] = [[]]
    for spot in spots:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(f"{spot.x},{spot.y}")
    return [" ".join(run) for run in runs if len(run) > 1]


def _bands(rule: AlarmRule, first: datetime, last: datetime) -> list[Band]:
    """When it was an alarm, as its transitions tell; one that is still on goes to the end."""
    rows = AlarmTransition.objects.filter(rule=rule)
    before = rows.filter(at__lt=first).order_by("-number").values_list("to_state", flat=True).first()
    begun = first if before == State.ALARM else None
    bands = []
    for to_state, at in rows.filter(at__gte=first, at__lte=last).order_by("number").values_list("to_state", "at"):
        if to_state == State.ALARM:
            begun = at
        elif begun:
            bands.append(_band(begun, at, first, last))
            begun = None
    return [*bands, _band(begun, last, first, last)] if begun else bands


def _band(begin: datetime, end: datetime, first: datetime, last: datetime) -> Band:
    per_second = WIDE / (last - first).total_seconds()
    x = (begin - first).total_seconds() * per_second
    width = max((end - begin).total_seconds() * per_second, 2.0)
    return Band(round(x, 1), round(width, 1), f"Alarm from {_moment(begin)} to {_moment(end)}")


def _y(value: float, low: float, high: float) -> float:
    return round(TALL * (1 - (value - low) / (high - low)), 1)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M, H:i")


def _words(step: timedelta) -> str:
    minutes = round(step.total_seconds() / 60)
    number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"
