"""Pages asked for again and again in this process: their median time, and how many queries they make."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

ROUNDS = 9
Request = tuple[str, Callable[[], Any]]


def measured(requests: Iterable[Request]) -> dict[str, dict[str, float]]:
    """For each page: `ms`, the median of ROUNDS, and `queries`. The first time is not counted."""
    found = {}
    for what, ask in requests:
        ask()
        spent = _cpu()
        seconds, queries = zip(*(_timed(ask) for _ in range(ROUNDS)), strict=True)
        found[what] = {"ms": 1000 * median(seconds), "queries": max(queries)}
        cpu = 1000 * (_cpu() - spent) / ROUNDS
        print(f"  {what:38} {found[what]['ms']:8.1f} ms  {cpu:6.0f} ms of CPU  {max(queries):3} queries", flush=True)
    return found


def _cpu() -> float:
    """Seconds of this process and of its server process: the same on a busy machine, where the median is not."""
    from django.db import connection

    from benchmarks.server import cpu_seconds

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return time.process_time() + cpu_seconds(int(cursor.fetchone()[0]))


def administrator() -> Any:
    from django.contrib.auth.models import User

    return User.objects.filter(username="bench").first() or User.objects.create_superuser("bench")


def _timed(ask: Callable[[], Any]) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        response = ask()
        response.render() if hasattr(response, "render") and not response.is_rendered else None
        seconds = time.perf_counter() - began
    if response.status_code not in (200, 302):
        raise SystemExit(f"{response.request['PATH_INFO']} answers {response.status_code}.")
    return seconds, len(queries)
