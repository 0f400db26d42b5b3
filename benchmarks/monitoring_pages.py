"""The pages of figures with 30 days of 143 series, and the home page beside 100,000 jobs: time and queries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from benchmarks import asked, many_figures, many_letters

LETTERS, JOBS, GROUPS = 100_000, 100_000, 500
RANGES = ("1h", "6h", "24h", "7d", "30d")
PAGES = {
    "overview": "/admin/monitoring/",
    "pipeline": "/admin/monitoring/components/pipeline/",
    "web, 60 routes": "/admin/monitoring/components/web/",
    "web, sorted by p99": "/admin/monitoring/components/web/?sort=p99",
    "a metric, a line for each route": "/admin/monitoring/metrics/http.request/?by=route",
}


def home() -> dict[str, dict[str, float]]:
    """Makes the data of both; the tables are emptied before."""
    from benchmarks import server

    server.empty()
    began = time.monotonic()
    many_letters.build(letters=LETTERS, jobs=JOBS, groups=GROUPS)
    many_figures.build()
    print(f"  {JOBS:,} jobs and 30 days of figures made in {time.monotonic() - began:.0f} s", flush=True)
    return asked.measured(_requests({"home": "/admin/"}))


def pages() -> dict[str, dict[str, float]]:
    """On what `home` has made."""
    return asked.measured(_requests(PAGES))


def _requests(pages: dict[str, str]) -> Iterator[asked.Request]:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(asked.administrator())
    for what, address in pages.items():
        for range in RANGES:
            yield f"{what}, {range}", partial(client.get, f"{address}{'&' if '?' in address else '?'}range={range}")
