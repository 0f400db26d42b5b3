"""The pages of traces at five million spans and thirty days of figures: their median time, and their queries."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from hashlib import md5
from urllib.parse import quote

from benchmarks import asked
from benchmarks.many_traces import build

SPANS = int(os.environ.get("NIGHTSHELF_BENCH_SPANS", "5000000"))
JOB_SPANS = 40 * 5_000
LISTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("traces, newest", {}),
    ("traces, slowest of all", {"order": "slowest", "range": "all"}),
    ("traces, with errors", {"errors": "1", "range": "7d"}),
    ("traces, of a user", {"user": "3", "range": "all"}),
    ("traces, of a job", {"job": "7"}),
    ("traces, longer than 10 s", {"min": "10000", "range": "all"}),
    ("traces, begin of an id", {"id": "abcd"}),
    ("traces, asking PostgreSQL", {"component": "database", "range": "all"}),
    ("traces, asking storage", {"component": "storage", "range": "all"}),
    ("traces, asking the model", {"component": "model", "range": "all"}),
    ("traces, failing calls to storage", {"component": "storage", "errors": "1", "range": "all"}),
    ("traces, failing calls to PostgreSQL", {"component": "database", "errors": "1", "range": "all"}),
    ("traces, a step by its name", {"name": "SELECT table_7_3", "range": "all"}),
    ("traces, a step by no name", {"name": "nothing", "range": "all"}),
    ("traces, text in names", {"q": "table_11", "range": "all"}),
    ("traces, text in messages", {"q": "slowdown number 77", "range": "all"}),
    ("traces, text nowhere", {"q": "zebra", "range": "all"}),
    ("traces, slowest asking storage", {"component": "storage", "order": "slowest"}),
)


def pages(spans: int = SPANS) -> dict[str, dict[str, float]]:
    """For each page: `ms`, the median of `asked.ROUNDS`, and `queries`. The tables are emptied before."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE monitoring_span, monitoring_trace, monitoring_logline, monitoring_minute,"
                       " monitoring_hour, monitoring_metricdelta, monitoring_series")  # fmt: skip
    began = time.monotonic()
    build(traces=max(spans - JOB_SPANS, 10) // 10)
    print(f"  {spans:,} spans made in {time.monotonic() - began:.0f} s", flush=True)
    return asked.measured(requests())


def requests() -> Iterator[asked.Request]:
    from django.test import Client
    from django.urls import reverse

    from monitoring.models import Trace
    from monitoring.pages.traces.wanted import followed

    client = Client(SERVER_NAME="localhost")
    client.force_login(asked.administrator())
    for what, parameters in LISTS:
        yield what, partial(client.get, reverse("monitoring:traces"), parameters)
    newest = Trace.objects.order_by("-started_at")[25]
    second = f"?after={quote(followed(newest.started_at, newest.trace_id, newest.seconds))}"
    small, large = (md5(text.encode(), usedforsecurity=False).hexdigest() for text in ("1000", "job 3"))
    for what, address in {
        "traces, second page": f"{reverse('monitoring:traces')}{second}",
        "a trace of 10 steps": reverse("monitoring:trace", args=[small]),
        "a trace of 5,000 steps": reverse("monitoring:trace", args=[large]),
        "the same, its errors": f"{reverse('monitoring:trace', args=[large])}?errors=1",
        "the same, a run opened": f"{reverse('monitoring:trace_rows', args=[large])}"
        f"?of={_root(large)}&name=task+batches.work&component=worker",
        "a trace compared": reverse("monitoring:trace_compare", args=[small]),
        "a job of 5,000 steps compared": reverse("monitoring:trace_compare", args=[large]),
        "service map, last hour": reverse("monitoring:map"),
        "service map, 24 hours": f"{reverse('monitoring:map')}?range=24h",
        "service map, 7 days": f"{reverse('monitoring:map')}?range=7d",
        "service map, all that is kept": f"{reverse('monitoring:map')}?range=all",
    }.items():
        yield what, partial(client.get, address)


def _root(trace_id: str) -> str:
    from monitoring.models import Span

    return str(Span.objects.get(trace_id=trace_id, parent_id=None).span_id)
