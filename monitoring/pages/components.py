"""The components of the installation, and which metrics tell their rate, errors and duration (RED)."""

from __future__ import annotations

from typing import NamedTuple

from monitoring.metrics.names import METRICS


class Table(NamedTuple):
    """A row for each value of the labels `by`."""

    metric: str
    title: str
    by: tuple[str, ...]

    @property
    def timed(self) -> bool:
        return METRICS[self.metric].unit == "s"


class Component(NamedTuple):
    """`counted` tells rate and errors, `timed` the duration: the same metric for all but the pipeline."""

    key: str
    title: str
    help: str
    counted: str
    timed: str
    of: str  # what is counted, in the plural
    tables: tuple[Table, ...]


def _one(key: str, title: str, help: str, metric: str, of: str, heading: str, *by: str) -> Component:
    return Component(key, title, help, metric, metric, of, (Table(metric, heading, by),))


PIPELINE = Component(
    "pipeline", "Pipeline", "Result files on their way to rows.", "batch.lines", "batch.chunk", "lines",
    (
        Table("batch.lines", "Lines, by kind", ("kind",)),
        Table("batch.chunk", "Chunks, by kind", ("kind",)),
        Table("batch.file", "Files, by kind", ("kind",)),
    ),
)  # fmt: skip
WEB = _one(
    "web", "Web", "Requests that the site answered; status 500 and above failed.", "http.request", "requests",
    "Routes", "method", "route",
)  # fmt: skip
WORKER = _one("worker", "Workers", "Tasks that workers ran.", "task.run", "tasks", "Tasks", "task", "queue")
DATABASE = _one(
    "database", "Database", "SQL statements.", "database.statement", "statements", "By who asked", "component"
)
STORAGE = _one(
    "storage", "Storage", "Calls to storage.", "storage.call", "calls", "Operations", "operation", "component"
)
QUEUE = _one(
    "queue", "Queue", "Wake-ups handed to the broker.", "queue.publish", "messages", "By who sent", "component"
)
COMPONENTS = {component.key: component for component in (PIPELINE, WEB, WORKER, DATABASE, STORAGE, QUEUE)}
