"""A command of `manage.py` is a span; a process that serves others is none, its work has spans of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from monitoring.history.context import MACHINES
from monitoring.traces.export import exporter
from monitoring.traces.spans import span


@contextmanager
def traced_command(arguments: Sequence[str]) -> Iterator[None]:
    """Its name alone: arguments may be anybody's. What it did is stored before it ends, if the database is there."""
    name = arguments[1] if len(arguments) > 1 else "help"
    if name in MACHINES or not name.replace("_", "").isalpha():
        yield
        return
    try:
        with span(f"manage.py {name}", root=True):
            yield
    finally:
        exporter().stop()
