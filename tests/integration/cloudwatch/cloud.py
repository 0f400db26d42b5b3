"""CloudWatch (moto's) for tests: where it is, and what is in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitoring.cloudwatch.client import client
from monitoring.cloudwatch.freeze import last_finished
from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary
from monitoring.models import MinuteCursor

MINUTE = timedelta(minutes=1)


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == "nightshelf"]


def published_since(now: datetime, minutes: int) -> list[datetime]:
    """The cursor is so many minutes back; these are the ones that follow."""
    last = last_finished(now)
    MinuteCursor.objects.create(name="cloudwatch", minute=last - minutes * MINUTE)
    return [last - at * MINUTE for at in reversed(range(minutes))]


def told(metric: str, at: datetime, *values: float, errors: int = 0, count: int = 0, **labels: str) -> None:
    summary = Summary(count, errors)
    for value in values:
        summary.add_value(value)
    deltas.add([(deltas.key(metric, labels, at), summary)])


def published(name: str, namespace: str, **dimensions: str) -> dict[datetime, dict[str, float]]:
    """By minute: how many values CloudWatch has of a metric, and what they add up to."""
    found: dict[datetime, dict[str, float]] = {}
    for datum in _all(namespace):
        if datum["name"] == name and datum["dimensions"] == dimensions:
            at = found.setdefault(datum["at"], {"n": 0, "sum": 0.0})
            at["n"] += 1
            at["sum"] += datum["value"]
    return found


def metric_names(namespace: str) -> Counter[str]:
    return Counter(datum["name"] for datum in _all(namespace))


def _all(namespace: str) -> list[dict[str, Any]]:
    """moto serves the tests' own process, so its store is at hand: asking it by its interface is slow."""
    from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

    region: str = client().meta.region_name
    return [
        {
            "name": datum.name,
            "at": datum.timestamp.replace(tzinfo=UTC),
            "value": datum.value,
            "dimensions": {dimension.name: dimension.value for dimension in datum.dimensions},
        }
        for backends in cloudwatch_backends.values()
        for datum in backends[region].metric_data
        if isinstance(datum, MetricDatum) and datum.namespace == namespace
    ]
