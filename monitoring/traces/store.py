"""Spans and log lines into their partitions, and what is told of each trace brought up to date: one statement.

Exactly once for each span, however often it is sent: a trace's sums grow by those that were really inserted. Rows go in
by the order of their keys, so that two processes with spans of the same traces wait for each other, never in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from monitoring.partitions import make_for
from monitoring.traces.rows import LineRow, SpanRow

SPANS = """
    WITH told AS (
        SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::timestamptz[], %s::float8[], %s::bool[], %s::text[], %s::jsonb[], %s::jsonb[],
            %s::bigint[], %s::bigint[])
            AS t(trace_id, span_id, parent_id, name, kind, component, caller, instance, started_at, seconds, failed,
                message, attributes, links, job_id, user_id)
    ), stored AS (
        INSERT INTO monitoring_span (trace_id, span_id, parent_id, name, kind, component, caller, instance, started_at,
            seconds, failed, message, attributes, links, job_id)
        SELECT trace_id, span_id, parent_id, name, kind, component, caller, instance, started_at, seconds, failed,
            message, attributes, links, job_id
        FROM told ORDER BY started_at, trace_id, span_id
        ON CONFLICT DO NOTHING
        RETURNING trace_id, span_id, name, component, started_at, seconds, failed, job_id
    ), summed AS (
        SELECT (stored.started_at AT TIME ZONE 'UTC')::date AS day, stored.trace_id,
            (array_agg(stored.name ORDER BY stored.started_at, stored.seconds DESC))[1] AS name,
            (array_agg(stored.component ORDER BY stored.started_at, stored.seconds DESC))[1] AS component,
            min(stored.started_at) AS started_at,
            max(stored.started_at + make_interval(secs => stored.seconds)) AS ended_at,
            count(*) AS spans, count(*) FILTER (WHERE stored.failed) AS errors,
            min(stored.job_id) AS job_id, min(told.user_id) AS user_id
        FROM stored JOIN told USING (trace_id, span_id) GROUP BY 1, 2
    )
    INSERT INTO monitoring_trace AS kept (day, trace_id, name, component, started_at, ended_at, seconds, spans, errors,
        job_id, user_id)
    SELECT day, trace_id, name, component, started_at, ended_at, extract(epoch FROM ended_at - started_at), spans,
        errors, job_id, user_id
    FROM summed ORDER BY day, trace_id
    ON CONFLICT (day, trace_id) DO UPDATE SET
        name = CASE WHEN excluded.started_at < kept.started_at THEN excluded.name ELSE kept.name END,
        component = CASE WHEN excluded.started_at < kept.started_at THEN excluded.component ELSE kept.component END,
        started_at = least(kept.started_at, excluded.started_at),
        ended_at = greatest(kept.ended_at, excluded.ended_at),
        seconds = extract(epoch FROM greatest(kept.ended_at, excluded.ended_at)
            - least(kept.started_at, excluded.started_at)),
        spans = kept.spans + excluded.spans,
        errors = kept.errors + excluded.errors,
        job_id = coalesce(kept.job_id, excluded.job_id),
        user_id = coalesce(kept.user_id, excluded.user_id)"""
LINES = """
    INSERT INTO monitoring_logline (number, at, level, event, trace_id, span_id, fields)
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::jsonb[])
    ON CONFLICT DO NOTHING"""


def store(spans: Sequence[SpanRow], lines: Sequence[LineRow]) -> None:
    """Both or neither; twice is once."""
    make_for("monitoring_span", {row.started_at for row in spans})
    make_for("monitoring_trace", {row.started_at for row in spans})
    make_for("monitoring_logline", {row.at for row in lines})
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, rows in ((SPANS, spans), (LINES, lines)):
            if rows:
                cursor.execute(statement, _columns(rows))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
