"""Thirty days of figures as a busy site would have left them, made inside the database: for the benchmark, and for
tests that look at what the planner does with them. Their shapes are plausible; nobody measured them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from monitoring import partitions
from monitoring.metrics.roll_up import WHOLE

ROUTES, TASKS, QUEUES = 60, 25, 4
TEMPLATES = 40  # shapes of a bucket, of which each series takes one after the other
SERIES = """
    INSERT INTO monitoring_series (metric, labels)
    SELECT * FROM unnest(%s::text[], %s::jsonb[]) ON CONFLICT DO NOTHING"""
# A minute has few values, an hour about forty bins of them around the series' own middle.
BUCKETS = """
    INSERT INTO {table} (series_id, at, count, errors, total, least, most, bins, bin_counts)
    WITH shapes AS (
        SELECT t, array_agg(DISTINCT bin ORDER BY bin) AS bins FROM (
            SELECT t, ((random() + random() + random() - 1.5) * %(wide)s)::int AS bin
            FROM generate_series(0, {templates} - 1) AS t, generate_series(1, %(values)s)
        ) AS drawn GROUP BY t
    )
    SELECT s.id, at, sum.counted, sum.counted * (s.id %% 3) / 60, sum.counted * 0.05, 0.001, 3.0,
        ARRAY(SELECT bin - 90 + (s.id %% 40)::int FROM unnest(shapes.bins) AS bin),
        array_fill(%(times)s::bigint, ARRAY[cardinality(shapes.bins)])
    FROM monitoring_series AS s
    CROSS JOIN generate_series(%(start)s::timestamptz, %(end)s::timestamptz, %(step)s) WITH ORDINALITY AS g(at, n)
    JOIN shapes ON shapes.t = (s.id * 7 + n) %% {templates}
    CROSS JOIN LATERAL (SELECT cardinality(shapes.bins) * %(times)s AS counted) AS sum
    ON CONFLICT DO NOTHING"""
# As the roll-up would have: all of a metric is a series of its own.
NAMED = """
    INSERT INTO monitoring_series (metric, labels) SELECT DISTINCT metric, %(whole)s::jsonb FROM monitoring_series"""
WHOLES = """
    WITH parts AS (
        SELECT whole.id, b.at, b.count, b.errors, b.total, b.bins, b.bin_counts
        FROM {table} AS b JOIN monitoring_series AS s ON s.id = b.series_id
            JOIN monitoring_series AS whole ON whole.metric = s.metric AND whole.labels = %(whole)s::jsonb
    )
    INSERT INTO {table} (series_id, at, count, errors, total, least, most, bins, bin_counts)
    SELECT f.id, f.at, f.count, f.errors, f.total, 0.001, 3.0, b.bins, b.counts
    FROM (SELECT id, at, sum(count) AS count, sum(errors) AS errors, sum(total) AS total FROM parts GROUP BY 1, 2) AS f
    JOIN (
        SELECT id, at, array_agg(bin) AS bins, array_agg(number) AS counts
        FROM (
            SELECT id, at, bin, sum(n)::bigint AS number FROM parts, unnest(bins, bin_counts) AS u(bin, n)
            GROUP BY 1, 2, 3
        ) AS summed GROUP BY 1, 2
    ) AS b USING (id, at)"""
# As the roll-up would have: the hours of a day of the business, merged.
DAYS = """
    INSERT INTO monitoring_day (series_id, at, count, errors, total, least, most, bins, bin_counts)
    SELECT f.series_id, f.at, f.count, f.errors, f.total, f.least, f.most, b.bins, b.counts
    FROM (
        SELECT series_id, date_trunc('day', at, %(zone)s) AS at, sum(count) AS count, sum(errors) AS errors,
            sum(total) AS total, min(least) AS least, max(most) AS most FROM monitoring_hour GROUP BY 1, 2
    ) AS f JOIN (
        SELECT series_id, at, array_agg(bin) AS bins, array_agg(number) AS counts
        FROM (
            SELECT series_id, date_trunc('day', at, %(zone)s) AS at, bin, sum(n)::bigint AS number
            FROM monitoring_hour, unnest(bins, bin_counts) AS u(bin, n) GROUP BY 1, 2, 3
        ) AS summed GROUP BY 1, 2
    ) AS b USING (series_id, at)"""


def build(*, days: int = 30, minute_days: int = 7, now: datetime | None = None) -> None:
    """Into empty tables: about 150 series, minutes of the last days and hours of all of them."""
    now = (now or timezone.now()).astimezone(UTC).replace(second=0, microsecond=0)
    named = list(_series())
    with connection.cursor() as cursor:
        cursor.execute(SERIES, [[metric for metric, _ in named], [json.dumps(labels) for _, labels in named]])
    hour = now.replace(minute=0)
    # The oldest minutes' partition may be dropped at any look: a day less than is kept.
    _fill("monitoring_minute", now - timedelta(days=minute_days - 1), now, timedelta(minutes=1), (8, 30, 1))
    _fill("monitoring_hour", hour - timedelta(days=days), hour, timedelta(hours=1), (90, 45, 6))
    partitions.make_for("monitoring_day", [now - timedelta(days=day) for day in range(days + 2)])
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"whole": WHOLE})
        for table in ("monitoring_minute", "monitoring_hour"):
            cursor.execute(WHOLES.format(table=table), {"whole": WHOLE})
        cursor.execute(DAYS, {"zone": settings.TIME_ZONE})
        for table in ("monitoring_series", "monitoring_minute", "monitoring_hour", "monitoring_day"):
            cursor.execute(f"{'' if connection.in_atomic_block else 'VACUUM '}ANALYZE {table}")


def _fill(table: str, start: datetime, end: datetime, step: timedelta, shape: tuple[int, int, int]) -> None:
    days = (end - start).days + 1
    partitions.make_for(table, [start + timedelta(days=day) for day in range(days)] + [end])
    values, wide, times = shape
    told: dict[str, Any] = {"start": start, "end": end, "step": step, "values": values, "wide": wide, "times": times}
    with connection.cursor() as cursor:
        cursor.execute(BUCKETS.format(table=table, templates=TEMPLATES), told)


def _series() -> Iterator[tuple[str, dict[str, str]]]:
    yield from _processes()
    for kind in ("receipts", "products", "stock_counts"):
        for metric in ("batch.lines", "batch.chunk", "batch.file"):
            yield metric, {"kind": kind}
    for kind in ("receipt", "shipment", "adjustment", "transfer", "count"):
        yield "stock.postings", {"kind": kind}
    for queue, metric in product(range(QUEUES), ("queue.depth", "queue.age")):
        yield metric, {"queue": f"queue-{queue}", "broker": "redis"}
    for process, metric in product(("web", "worker", "scheduler"), ("process.cpu", "process.memory")):
        yield metric, {"process": process}
    for metric in ("letters.open", "dlq.depth", "workers.alive", "disk.used", "database.connections", "product.views"):
        yield metric, {}


def _processes() -> Iterator[tuple[str, dict[str, str]]]:
    for route in range(ROUTES):
        method = "POST" if route % 4 == 3 else "GET"
        yield "http.request", {"route": f"/admin/app{route % 6}/model{route}/", "method": method}
    for task in range(TASKS):
        yield "task.run", {"task": f"batches.task_{task}", "queue": f"queue-{task % QUEUES}"}
    for component in ("web", "worker", "scheduler", "command"):
        yield "database.statement", {"component": component}
        yield "queue.publish", {"component": component}
        for operation in ("read", "store", "copy", "remove"):
            yield "storage.call", {"operation": operation, "component": component}
