"""The one door for telling what happened. Domain code calls these; what becomes of it is decided behind them.

Lower apps ask upper apps nothing: an app that has a figure to show registers a gauge here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
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


_gauges: dict[str, Gauge] = {}


def event(name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Something happened: one log line named `name`, with ids and figures as fields, never personal data."""
    logger.log(level, name, extra=fields)


def fault(name: str, **fields: object) -> None:
    """Something unexpected happened: as `event`, with the traceback of the exception being handled."""
    logger.error(name, exc_info=True, extra=fields)


def gauge(name: str, help: str, labels: tuple[str, ...], read: Callable[[], Iterable[Sample]]) -> None:
    """Register a figure that is read from the database when asked for, so that it is right across processes."""
    _gauges[name] = Gauge(name, help, labels, read)


def gauges() -> list[Gauge]:
    return list(_gauges.values())
