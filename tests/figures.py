"""Figures of past minutes, as processes would have told them then: no test waits for a minute to pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary

MINUTE = timedelta(minutes=1)


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
