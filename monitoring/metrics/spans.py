"""The spans of time that figures are kept for, and which of them a question is answered from.

A long span is read from as few rows as can be: whole days, the hours before and behind them, and minutes at its ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

TABLES = (("monitoring_day", DAY), ("monitoring_hour", HOUR), ("monitoring_minute", MINUTE))


class Piece(NamedTuple):
    """[start, end) is read from the table."""

    table: str
    start: datetime
    end: datetime


def hour_of(moment: datetime) -> datetime:
    """When the hour began that the moment is in. Hours are those of UTC, which zones are half an hour off at times."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(moment: datetime) -> datetime:
    """When the day began that the moment is in: a day of the business, which may have 23 or 25 hours."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return datetime.combine(local.date(), time.min, local.tzinfo).astimezone(UTC)


def next_day(midnight: datetime) -> datetime:
    return day_of(midnight + timedelta(hours=36))


def pieces(start: datetime, end: datetime) -> list[Piece]:
    """What together makes up [start, end), the parts of it in no order. Both are full minutes."""
    return list(_pieces(start, end, TABLES))


def _pieces(start: datetime, end: datetime, tables: tuple[tuple[str, timedelta], ...]) -> Iterator[Piece]:
    if start >= end:
        return
    (table, length), *finer = tables
    first, last = _up(start, length), _down(end, length)
    if not finer:
        yield Piece(table, start, end)
    elif first < last:
        yield Piece(table, first, last)
        yield from _pieces(start, first, tuple(finer))
        yield from _pieces(last, end, tuple(finer))
    else:
        yield from _pieces(start, end, tuple(finer))


def _down(moment: datetime, length: timedelta) -> datetime:
    return day_of(moment) if length == DAY else hour_of(moment)


def _up(moment: datetime, length: timedelta) -> datetime:
    down = _down(moment, length)
    if down == moment:
        return moment
    return next_day(down) if length == DAY else down + HOUR
