"""The one door for telling what happened. Domain code calls these; what becomes of it is decided behind them.

Lower apps ask upper apps nothing: an app that has a figure to show registers it here. A gauge is read whenever
`/metrics` is asked for, so it asks the database alone; a level is looked at once a minute, kept, and may ask anybody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

logger = logging.getLogger("nightshelf")


class Sample(NamedTuple):
    labels: dict[str, str]
    value: float


class Gauge(NamedTuple):
    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Iterable[Sample]]


class Level(NamedTuple):
    metric: str
    read: Callable[[], Iterable[Sample]]


_gauges: dict[str, Gauge] = {}
_levels: list[Level] = []


def event(name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Something happened: one log line named `name`, with ids and figures as fields, never personal data."""
    logger.log(level, name, extra=fields)


def fault(name: str, **fields: object) -> None:
    """Something unexpected happened: as `event`, with the traceback of the exception being handled."""
    logger.error(name, exc_info=True, extra=fields)


def count(metric: str, number: int = 1, *, failed: int = 0, **labels: str) -> None:
    """So many happened, of which so many failed. Metrics and their labels are listed in `monitoring.metrics.names`."""
    from monitoring.metrics.collect import collector

    collector().add(metric, number, failed, labels)


def measure(metric: str, value: float, *, failed: bool = False, **labels: str) -> None:
    """It happened once, and this was its value, in the metric's unit: how long it took, how deep the queue was."""
    from monitoring.metrics.collect import collector

    collector().measure(metric, value, failed, labels)


@contextmanager
def timed(metric: str, **labels: str) -> Iterator[None]:
    """How long the work inside took, in seconds; it failed when it raises."""
    began, failed = time.perf_counter(), True
    try:
        yield
        failed = False
    finally:
        measure(metric, time.perf_counter() - began, failed=failed, **labels)


def gauge(name: str, help: str, labels: tuple[str, ...], read: Callable[[], Iterable[Sample]]) -> None:
    """Register a figure that is read from the database when asked for, so that it is right across processes."""
    _gauges[name] = Gauge(name, help, labels, read)


def gauges() -> list[Gauge]:
    return list(_gauges.values())


def level(metric: str, read: Callable[[], Iterable[Sample]]) -> None:
    """Register who knows a level (`metrics.names`), or some of its series. What it cannot read it says by raising."""
    _levels.append(Level(metric, read))


def levels() -> list[Level]:
    return list(_levels)
