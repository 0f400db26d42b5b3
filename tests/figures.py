"""Figures of past minutes, as processes would have told them then: no test waits for a minute to pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from monitoring.metrics import deltas, read
from monitoring.metrics.summary import Summary
from monitoring.models import HourBucket, MinuteBucket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def a_minute(hour: int = 3, minute: int = 0) -> datetime:
    """A full minute of yesterday, well within what is kept."""
    day = datetime.now(UTC) - timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def just_after(minute: datetime) -> datetime:
    """When the minutes before this one have settled."""
    return minute + timedelta(seconds=20)


def counted(metric: str, at: datetime, number: int = 1, failed: int = 0, **labels: str) -> None:
    deltas.add([(deltas.key(metric, labels, at), Summary(number, failed))])


def measured(metric: str, at: datetime, values: Sequence[float], failed: int = 0, **labels: str) -> None:
    summary = Summary()
    for place, value in enumerate(values):
        summary.add_value(value, failed=place < failed)
    deltas.add([(deltas.key(metric, labels, at), summary)])


def this_hour() -> datetime:
    return timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def all_of(metric: str, **labels: str) -> Summary:
    """Of the last hour, the running one and the next."""
    start = this_hour() - HOUR
    return read.summary(metric, start, start + 3 * HOUR, **labels)


def minutes() -> QuerySet[MinuteBucket]:
    """Of series that were told, as `hours`."""
    return MinuteBucket.objects.exclude(series__labels={"*": "*"})


def hours() -> QuerySet[HourBucket]:
    """Of series that were told; each metric has one of all of them besides."""
    return HourBucket.objects.exclude(series__labels={"*": "*"})
