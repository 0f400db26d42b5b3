"""The one door for telling what happened. Domain code calls these; what becomes of it is decided behind them.

Lower apps ask upper apps nothing: an app that has a figure to show registers it here. A gauge is read whenever
`/metrics` is asked for, so it asks the database alone; a level is looked at once a minute, kept, and may ask anybody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from monitoring.traces.spans import Step

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


def span(name: str, **how: Any) -> AbstractContextManager[Step]:
    """The work inside is a step of a trace; it failed when it raises. `name` says what kind of step, without ids.

    `trace_id`: whose trace (a job's, a redrive's, an image's); without it, that of what is active. `job`: its number.
    `links`: traces it goes back to. Anything else is an attribute. All in `monitoring.traces.spans.begin`.
    """
    from monitoring.traces import spans

    return spans.span(name, **how)


def begin(name: str, **how: Any) -> Step:
    """As `span`, for a step that is not over where it begins, or goes on in another thread. To be ended."""
    from monitoring.traces import spans

    return spans.begin(name, **how)


def statement(name: str) -> AbstractContextManager[None]:
    """An SQL statement that Django's cursor does not know of, such as a COPY: `COPY batches_transaction`."""
    from monitoring.traces import statements

    return statements.statement(name)


def new_trace() -> str:
    """The trace of work that begins now and goes on elsewhere: the request's or command's, for its first such work."""
    from monitoring.traces import spans

    return spans.new_trace()


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
