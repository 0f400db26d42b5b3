"""Minutes as they are: every series that was measured in them, with its labels, buckets and deltas in one statement."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import connection

from monitoring.metrics.columns import summary
from monitoring.metrics.deltas import Key
from monitoring.metrics.summary import Summary

READ = """
    SELECT s.metric, s.labels::text, b.at, b.count, b.errors, b.total, b.least, b.most, b.bins, b.bin_counts
    FROM monitoring_minute AS b JOIN monitoring_series AS s ON s.id = b.series_id
    WHERE b.at >= %(start)s AND b.at < %(end)s AND s.metric = ANY(%(metrics)s) AND NOT s.labels ? '*'
    UNION ALL
    SELECT metric, labels::text, minute, count, errors, total, least, most, bins, bin_counts
    FROM monitoring_metricdelta
    WHERE minute >= %(start)s AND minute < %(end)s AND metric = ANY(%(metrics)s)"""


def minutes(metrics: Collection[str], start: datetime, end: datetime) -> dict[Key, Summary]:
    """Of the minutes that begin in [start, end), which is meant to be a short time."""
    found: defaultdict[tuple[str, str, datetime], Summary] = defaultdict(Summary)
    with connection.cursor() as cursor:
        cursor.execute(READ, {"metrics": list(metrics), "start": start, "end": end})
        for metric, labels, at, *figures in cursor.fetchall():
            found[metric, labels, at].merge(summary(*figures))
    return {
        Key(metric, tuple(sorted(json.loads(labels).items())), at): its for (metric, labels, at), its in found.items()
    }
