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
        seconds, queries = zip(*(_timed(ask) for _ in range(ROUNDS)), strict=True)
        found[what] = {"ms": 1000 * median(seconds), "queries": max(queries)}
        print(f"  {what:34} {found[what]['ms']:8.1f} ms  {found[what]['queries']:3.0f} queries", flush=True)
    return found


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
