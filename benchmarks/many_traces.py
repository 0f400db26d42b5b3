"""As many traces as asked for, made inside the database: for the benchmark, and for tests that look at its plans.

Of two weeks: pages and tasks of ten steps, some with errors or a call to the model, and jobs of five thousand steps.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from monitoring.partitions import make_for

DAYS = 13
TABLES = ("monitoring_trace", "monitoring_span", "monitoring_logline", "monitoring_minute", "monitoring_hour")

SPANS = """
    INSERT INTO monitoring_span (trace_id, span_id, parent_id, name, kind, component, caller, instance, started_at,
        seconds, failed, message, attributes, links, job_id)
    SELECT decode(md5(n::text), 'hex'), decode(substr(md5(n || '/' || k), 1, 16), 'hex'),
        CASE WHEN k > 0 THEN decode(substr(md5(n || '/0'), 1, 16), 'hex') END,
        CASE WHEN k = 0 THEN name WHEN k < 8 THEN 'SELECT table_' || n %% 23 || '_' || k
            WHEN k = 8 THEN 'storage read' WHEN n %% 1000 = 7 THEN 'ask the model' ELSE 'send batches.work' END,
        CASE WHEN k > 0 THEN 'client' WHEN web THEN 'server' ELSE 'consumer' END,
        CASE WHEN k = 0 THEN caller WHEN k < 8 THEN 'database' WHEN k = 8 THEN 'storage'
            WHEN n %% 1000 = 7 THEN 'model' ELSE 'queue' END,
        caller, 'host/' || caller || '/' || n %% 4, at + make_interval(secs => took * k / 11),
        took / CASE k WHEN 0 THEN 1 ELSE 12 END, k = 8 AND n %% 100 = 3,
        CASE WHEN k = 8 AND n %% 100 = 3 THEN 'SlowDown number ' || n
            ELSE '' END,
        jsonb_build_object('rows', k, 'status', 200), '[]', CASE WHEN n %% 50 = 0 THEN n / 5000 END
    FROM (
        SELECT n, n %% 10 < 7 AS web, CASE WHEN n %% 10 < 7 THEN 'web' ELSE 'worker' END AS caller,
            CASE WHEN n %% 10 < 7 THEN 'GET /page/' || n %% 40 ELSE 'task ' || n %% 20 END AS name,
            0.02 + (n::bigint * 7919 %% 1000) / 2000.0 + CASE WHEN n %% 997 = 0 THEN 20 ELSE 0 END AS took,
            %(now)s - (%(traces)s - n) * %(length)s::interval / %(traces)s AS at
        FROM generate_series(1, %(traces)s) AS n
    ) AS trace CROSS JOIN generate_series(0, 9) AS k"""
JOBS = """
    INSERT INTO monitoring_span (trace_id, span_id, parent_id, name, kind, component, caller, instance, started_at,
        seconds, failed, message, attributes, links, job_id)
    SELECT decode(md5('job ' || j), 'hex'), decode(substr(md5('job ' || j || '/' || k), 1, 16), 'hex'),
        CASE WHEN k > 0 THEN decode(substr(md5('job ' || j || '/' || CASE WHEN k %% 20 = 1 THEN 0
            ELSE k - 1 - (k - 2) %% 20 END), 1, 16), 'hex') END,
        CASE WHEN k = 0 THEN 'job' WHEN k %% 20 = 1 THEN 'task batches.work' ELSE 'COPY table_' || k %% 3 END,
        'internal',
        CASE WHEN k = 0 OR k %% 20 = 1 THEN 'worker' ELSE 'database' END, 'worker', 'host/worker/1',
        %(now)s - %(length)s::interval * j / 50 + make_interval(secs => k / 10.0),
        CASE WHEN k = 0 THEN 505 WHEN k %% 20 = 1 THEN 1.9 ELSE 0.08 END, k = 3333, CASE WHEN k = 3333 THEN 'Killed'
            ELSE '' END, '{}', '[]', j
    FROM generate_series(1, 40) AS j CROSS JOIN generate_series(0, %(steps)s - 1) AS k"""
TRACES = """
    INSERT INTO monitoring_trace (day, trace_id, name, component, started_at, ended_at, seconds, spans, errors, job_id,
        user_id)
    SELECT day, trace_id, name, component, started_at, ended_at, extract(epoch FROM ended_at - started_at), spans,
        errors, job_id, CASE WHEN component = 'web' THEN spans %% 7 + 1 END
    FROM (
        SELECT (started_at AT TIME ZONE 'UTC')::date AS day, trace_id,
            (array_agg(name ORDER BY started_at, seconds DESC))[1] AS name,
            (array_agg(component ORDER BY started_at, seconds DESC))[1] AS component, min(started_at) AS started_at,
            max(started_at + make_interval(secs => seconds)) AS ended_at, count(*) AS spans,
            count(*) FILTER (WHERE failed) AS errors, min(job_id) AS job_id
        FROM monitoring_span GROUP BY 1, 2
    ) AS told"""
LINES = """
    INSERT INTO monitoring_logline (at, number, level, event, trace_id, span_id, fields)
    SELECT started_at,
        ('x' || substr(encode(trace_id, 'hex'), 1, 14))::bit(56)::bigint + k,
        'INFO', 'event_' || k, trace_id, NULL, '{"key": "value"}'
    FROM monitoring_trace CROSS JOIN generate_series(1, 2) AS k"""
SERIES = """
    INSERT INTO monitoring_series (metric, labels)
    SELECT 'http.request', jsonb_build_object('route', '/page/' || n, 'method', 'GET') FROM generate_series(1, 40) AS n
    UNION ALL SELECT 'task.run', jsonb_build_object('task', 't' || n, 'queue', 'q') FROM generate_series(1, 12) AS n
    UNION ALL SELECT m, jsonb_build_object('component', c)
        FROM unnest(ARRAY['database.statement', 'storage.call', 'queue.publish']) AS m,
            unnest(ARRAY['web', 'worker', 'scheduler']) AS c
    ON CONFLICT DO NOTHING"""
BUCKETS = """
    INSERT INTO monitoring_{table} (series_id, at, count, errors, total, least, most, bins, bin_counts)
    SELECT id, at, 60, 1, 30, 0.1, 2, ARRAY[-60, -40, -30, -20, -10, 0, 5, 10], ARRAY[10, 10, 10, 10, 5, 5, 5, 5]
    FROM monitoring_series CROSS JOIN generate_series(date_trunc('{table}', now() - interval '{long}'),
        date_trunc('{table}', now()), interval '1 {table}') AS at"""


def build(*, traces: int, steps: int = 5_000, figures: bool = True) -> None:
    """Ten spans each, and forty jobs of `steps`; statistics are brought up to date. `figures`: the map's, too."""
    now = timezone.now()
    days = [now - timedelta(days=back) for back in range(-1, 32)]
    asked: dict[str, Any] = {"traces": traces, "now": now, "length": timedelta(days=DAYS), "steps": steps}
    for table in TABLES:
        make_for(table, days)
    with connection.cursor() as cursor:
        for step in (SPANS, JOBS, TRACES, LINES, SERIES):
            cursor.execute(step, asked)
        for table, long in (("minute", "6 days"), ("hour", "30 days")) if figures else ():
            cursor.execute(BUCKETS.format(table=table, long=long))
        for table in TABLES:
            cursor.execute(f"{'' if connection.in_atomic_block else 'VACUUM '}ANALYZE {table}")
