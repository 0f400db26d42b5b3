"""Figures told at moments of the test's own, and read back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from monitoring.metrics import deltas, read
from monitoring.metrics.summary import Summary

HOUR = timedelta(hours=1)


def told(metric: str, at: datetime, values: Iterable[float], *, failed: int = 0, **labels: str) -> None:
    """As a process tells them: one row, in the minute of `at`."""
    summary = Summary()
    for value in values:
        summary.add_value(value)
    summary.errors = failed
    deltas.add([(deltas.key(metric, labels, at), summary)])


def counted(metric: str, at: datetime, number: int, *, failed: int = 0, **labels: str) -> None:
    deltas.add([(deltas.key(metric, labels, at), Summary(number, failed))])


def this_hour() -> datetime:
    return timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def all_of(metric: str, **labels: str) -> Summary:
    """Of the last hour, the running one and the next."""
    start = this_hour() - HOUR
    return read.summary(metric, start, start + 3 * HOUR, **labels)
