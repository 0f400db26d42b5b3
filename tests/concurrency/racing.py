"""Threads that start at the same moment, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

PATIENCE = 120  # seconds


def race(runners: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all at once and return their results in order; an exception of any is raised."""
    start = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        try:
            start.wait(PATIENCE)
            return runner()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runners)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run, runner) for runner in runners]]
