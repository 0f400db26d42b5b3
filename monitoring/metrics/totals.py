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

from monitoring.metrics.columns import parameters, replace, summary
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
STORE = replace("monitoring_runningtotal", {"series_id": "bigint"})


def totals(metrics: Collection[str]) -> dict[str, dict[Labels, Summary]]:
    """By metric and labels; what was never told is not there."""
    found: defaultdict[tuple[str, str], Summary] = defaultdict(Summary)
    with connection.cursor() as cursor:
        cursor.execute(READ, {"metrics": list(metrics)})
        for metric, labels, *figures in cursor.fetchall():
            found[metric, labels].merge(summary(*figures))
    told: defaultdict[str, dict[Labels, Summary]] = defaultdict(dict)
    for (metric, labels), its in found.items():
        told[metric][tuple(sorted(json.loads(labels).items()))] = its
    return told


def add(cursor: Any, grown: Mapping[int, Summary]) -> None:
    """By how much series have grown. In the roll-up's transaction, of which there is never more than one."""
    cursor.execute(BEFORE, [list(grown)])
    for series, *figures in cursor.fetchall():
        grown[series].merge(summary(*figures))
    cursor.execute(STORE, parameters(((series,), its) for series, its in grown.items()))
