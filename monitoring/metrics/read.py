"""Figures of a metric over time, exact at the moment they are asked for: buckets and what is not rolled up yet, in one
statement. A chart's points, a page's figure and an alarm's datapoints come from here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from monitoring.metrics.summary import Summary, merged

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

QUERY = """
    WITH measured AS (
        SELECT s.labels, b.at, b.count, b.errors, b.total, b.least, b.most, b.bins, b.bin_counts
        FROM monitoring_series AS s JOIN {table} AS b ON b.series_id = s.id
        WHERE s.metric = %(metric)s AND s.labels @> %(labels)s::jsonb AND b.at >= %(start)s AND b.at < %(end)s
        UNION ALL
        SELECT labels, minute, count, errors, total, least, most, bins, bin_counts
        FROM monitoring_metricdelta
        WHERE metric = %(metric)s AND labels @> %(labels)s::jsonb AND minute >= %(start)s AND minute < %(end)s
    ), keyed AS (
        SELECT ARRAY(
                SELECT coalesce(labels->>name, '')
                FROM unnest(%(by)s::text[]) WITH ORDINALITY AS l(name, nr) ORDER BY nr
            ) AS key,
            date_bin(%(step)s, at, %(start)s) AS at, count, errors, total, least, most, bins, bin_counts
        FROM measured
    ), sums AS (
        SELECT key, at, sum(count)::bigint AS count, sum(errors)::bigint AS errors, sum(total) AS total,
            min(least) AS least, max(most) AS most
        FROM keyed GROUP BY 1, 2
    ), histograms AS (
        SELECT key, at, array_agg(bin) AS bins, array_agg(number) AS counts
        FROM (
            SELECT key, at, bin, sum(number)::bigint AS number
            FROM keyed, unnest(bins, bin_counts) AS b(bin, number) GROUP BY 1, 2, 3
        ) AS summed GROUP BY 1, 2
    )
    SELECT key, at, count, errors, total, least, most, coalesce(bins, '{{}}'), coalesce(counts, '{{}}')
    FROM sums LEFT JOIN histograms USING (key, at) ORDER BY key, at"""

Key = tuple[str, ...]


class Point(NamedTuple):
    """What was measured in [at, at + step)."""

    at: datetime
    summary: Summary


def points(
    metric: str,
    start: datetime,
    end: datetime,
    step: timedelta,
    *,
    labels: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
) -> dict[Key, list[Point]]:
    """Steps from `start` (a full minute, or hour) in which anything was measured, for each value of the labels `by`.

    Without `by` the one key is (), and it is there only if anything was measured at all. Series that have all of
    `labels` count. Steps of whole hours from a full hour to a full hour, or to now, are read from the hours, which are
    kept for 13 months; all others from the minutes of the last 7 days.
    """
    table = "monitoring_hour" if _hourly(start, end, step) else "monitoring_minute"
    told: dict[str, Any] = {
        "metric": metric,
        "labels": json.dumps(dict(labels or {})),
        "start": start,
        "end": end,
        "step": step,
        "by": list(by),
    }
    found: dict[Key, list[Point]] = {}
    with connection.cursor() as cursor:
        cursor.execute(QUERY.format(table=table), told)
        for key, at, count, errors, total, least, most, bins, counts in cursor.fetchall():
            summary = Summary(count, errors, total, least, most, dict(zip(bins, counts, strict=True)))
            found.setdefault(tuple(key), []).append(Point(at, summary))
    return found


def summary(metric: str, start: datetime, end: datetime, **labels: str) -> Summary:
    """All of it as one: empty (count 0) where nothing was measured. `start` and `end` are full minutes."""
    found = points(metric, start, end, _step(start, end), labels=labels)
    return merged(point.summary for point in found.get((), []))


def by(metric: str, label: str, start: datetime, end: datetime, **labels: str) -> dict[str, Summary]:
    """One summary for each value of a label: the routes of the site, the queues of the broker."""
    found = points(metric, start, end, _step(start, end), labels=labels, by=[label])
    return {key[0]: merged(point.summary for point in rows) for key, rows in found.items()}


def _step(start: datetime, end: datetime) -> timedelta:
    """One that holds all of it; of whole hours, so that a span of months is read from the hours."""
    unit = HOUR if end - start >= HOUR else MINUTE
    return max(-(-(end - start) // unit), 1) * unit


def _hourly(start: datetime, end: datetime, step: timedelta) -> bool:
    # The running hour holds nothing yet of what comes after now, so it may be cut off there.
    return _full(start) and (_full(end) or end > timezone.now() - MINUTE) and step % HOUR == timedelta(0)


def _full(moment: datetime) -> bool:
    return (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)
