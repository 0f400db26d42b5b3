"""All that was ever told of a series: what was rolled up (`RunningTotal`) and what still waits, in one statement.

A delta leaves the table in the transaction that adds it to its total. So whoever reads, in whatever process, reads it
here or there and never twice: the sum grows, and never shrinks.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection

from monitoring.metrics.deltas import Labels
from monitoring.metrics.summary import Summary

READ = """
    SELECT s.metric, s.labels::text, t.count, t.errors, t.total, t.least, t.most, t.bins, t.bin_counts
    FROM monitoring_runningtotal AS t JOIN monitoring_series AS s ON s.id = t.series_id
    WHERE s.metric = ANY(%(metrics)s)
    UNION ALL
    SELECT metric, labels::text, count, errors, total, least, most, bins, bin_counts
    FROM monitoring_metricdelta WHERE metric = ANY(%(metrics)s)"""
BEFORE = """
    SELECT series_id, count, errors, total, least, most, bins, bin_counts
    FROM monitoring_runningtotal WHERE series_id = ANY(%s)"""
STORE = """
    INSERT INTO monitoring_runningtotal (series_id, count, errors, total, least, most, bins, bin_counts)
    SELECT series_id, count, errors, total, least, most,
        coalesce(string_to_array(nullif(bins, ''), ',')::int[], '{}'),
        coalesce(string_to_array(nullif(bin_counts, ''), ',')::bigint[], '{}')
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::text[],
        %s::text[]) AS grown(series_id, count, errors, total, least, most, bins, bin_counts)
    ON CONFLICT (series_id) DO UPDATE SET
        count = excluded.count, errors = excluded.errors, total = excluded.total, least = excluded.least,
        most = excluded.most, bins = excluded.bins, bin_counts = excluded.bin_counts"""


def totals(metrics: Collection[str]) -> dict[str, dict[Labels, Summary]]:
    """By metric and labels; what was never told is not there."""
    found: defaultdict[tuple[str, str], Summary] = defaultdict(Summary)
    with connection.cursor() as cursor:
        cursor.execute(READ, {"metrics": list(metrics)})
        for metric, labels, *figures in cursor.fetchall():
            found[metric, labels].merge(_summary(*figures))
    told: defaultdict[str, dict[Labels, Summary]] = defaultdict(dict)
    for (metric, labels), summary in found.items():
        told[metric][tuple(sorted(json.loads(labels).items()))] = summary
    return told


def add(cursor: Any, grown: Mapping[int, Summary]) -> None:
    """By how much series have grown. In the roll-up's transaction, of which there is never more than one."""
    cursor.execute(BEFORE, [list(grown)])
    for series, *figures in cursor.fetchall():
        grown[series].merge(_summary(*figures))
    rows = [_row(series, summary) for series, summary in grown.items()]
    cursor.execute(STORE, [list(column) for column in zip(*rows, strict=True)])


def _summary(count: int, errors: int, total: float, least: float, most: float, bins: Any, counts: Any) -> Summary:
    return Summary(count, errors, total, least, most, dict(zip(bins, counts, strict=True)))


def _row(series: int, of: Summary) -> tuple[object, ...]:
    """Arrays of different lengths cannot stand in one array: they go as text."""
    bins, counts = ",".join(map(str, of.bins)), ",".join(map(str, of.bins.values()))
    return series, of.count, of.errors, of.total, of.least, of.most, bins, counts
