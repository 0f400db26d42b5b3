"""Figures of a metric over time, exact at the moment they are asked for: buckets and what is not rolled up yet, in one
statement. A chart's points, a page's figure and an alarm's datapoints come from here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from monitoring.metrics import columns
from monitoring.metrics.spans import DAY, HOUR, MINUTE, Piece, day_of, hour_of, pieces
from monitoring.metrics.summary import Summary, merged

# Bins are many: they are grouped by numbers, and the words of a key are looked up once a series, not once a bin.
QUERY = """
    WITH series AS (
        SELECT id, (dense_rank() OVER (ORDER BY metric, key))::int AS nr, metric, key, whole
        FROM (
            SELECT id, metric, {key} AS key, labels ? '*' AS whole FROM monitoring_series
            WHERE metric = ANY(%(metrics)s) AND labels @> %(labels)s::jsonb AND {among}
        ) AS asked
    ), measured AS ({measured}
    ), sums AS (
        SELECT nr, at, sum(count)::bigint AS count, sum(errors)::bigint AS errors, sum(total) AS total,
            min(least) AS least, max(most) AS most
        FROM measured GROUP BY nr, at
    ), histograms AS (
        SELECT nr, at, array_agg(bin) AS bins, array_agg(number) AS counts
        FROM (
            SELECT nr, at, bin, sum(number)::bigint AS number
            FROM measured, unnest(bins, bin_counts) AS b(bin, number) GROUP BY nr, at, bin
        ) AS summed GROUP BY nr, at
    )
    SELECT metric, key, at, count, errors, total, least, most, coalesce(bins, '{{}}'), coalesce(counts, '{{}}')
    FROM sums JOIN (SELECT DISTINCT nr, metric, key FROM series) AS named USING (nr)
        LEFT JOIN histograms USING (nr, at)
    UNION ALL
    SELECT metric, {key}, {minute_at}, count, errors, total, least, most, bins, bin_counts
    FROM monitoring_metricdelta
    WHERE metric = ANY(%(metrics)s) AND labels @> %(labels)s::jsonb AND {among}
        AND minute >= %(start)s AND minute < %(end)s"""
KEY = """ARRAY(
    SELECT coalesce(labels->>name, '') FROM unnest(%(by)s::text[]) WITH ORDINALITY AS l(name, nr) ORDER BY l.nr)"""
MEASURED = """
    SELECT nr, {at} AS at, count, errors, total, least, most, bins, bin_counts
    FROM series JOIN {table} AS b ON b.series_id = series.id WHERE b.at >= {start} AND b.at < {end}
        AND series.whole = {whole}"""
AMONG = "coalesce(labels->>(%(by)s::text[])[1], '') = ANY(%(among)s)"
# Where a bucket or a delta belongs: the first moment of its step.
STEPPED = "date_bin(%(step)s, {at}, %(start)s)"
OF_ITS_DAY = "date_trunc('day', {at}, %(zone)s)"
ALL_ONE = "%(start)s::timestamptz"

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
    among: Sequence[str] | None = None,
) -> dict[Key, list[Point]]:
    """Steps from `start` (a full minute, hour, or midnight) in which anything was measured, for each value of the
    labels `by`.

    Without `by` the one key is (), and it is there only if anything was measured at all. Series that have all of
    `labels` count; with `among`, those with one of these values of the first of `by`. Steps of whole hours from a full
    hour are read from the hours, which are kept for 13 months, and so are steps of a day from midnight (TIME_ZONE): a
    step is then a day of the business, which may have 23 or 25 hours. `end` may be now instead of a full hour. All
    others are read from the minutes of the last 7 days.
    """
    return several([metric], start, end, step, labels=labels, by=by, among=among)[metric]


def several(
    metrics: Sequence[str],
    start: datetime,
    end: datetime,
    step: timedelta,
    *,
    labels: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
    among: Sequence[str] | None = None,
) -> dict[str, dict[Key, list[Point]]]:
    """The points of several metrics in one statement. A label that a metric has not is '' in its keys."""
    table, at = _kept_in(start, end, step)
    found = _read(metrics, [Piece(table, start, end)], at, start, end, _Which(labels, by, among), step)
    each: dict[str, dict[Key, list[Point]]] = {metric: {} for metric in metrics}
    for (metric, key), its in sorted(found.items()):
        each[metric][key] = its
    return each


def totals(
    metrics: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    labels: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
) -> dict[str, dict[Key, Summary]]:
    """All of each metric as one, for each value of the labels `by`; `start` and `end` are full minutes.

    Read from days, hours and minutes, whichever are the fewest rows: minutes at the ends are there for 7 days.
    """
    found = _read(metrics, pieces(start, end), ALL_ONE, start, end, _Which(labels, by))
    summed: dict[str, dict[Key, Summary]] = {metric: {} for metric in metrics}
    for (metric, key), points in sorted(found.items()):
        summed[metric][key] = merged(point.summary for point in points)
    return summed


def summary(metric: str, start: datetime, end: datetime, **labels: str) -> Summary:
    """All of it as one: empty (count 0) where nothing was measured. `start` and `end` are full minutes."""
    return totals([metric], start, end, labels=labels)[metric].get((), Summary())


def by(metric: str, label: str, start: datetime, end: datetime, **labels: str) -> dict[str, Summary]:
    """One summary for each value of a label: the routes of the site, the queues of the broker."""
    found = totals([metric], start, end, labels=labels, by=[label])[metric]
    return {key[0]: summary for key, summary in found.items()}


class _Which(NamedTuple):
    """Series: those with all of `labels`, told apart by the labels `by`; `among` values of the first of these."""

    labels: Mapping[str, str] | None
    by: Sequence[str]
    among: Sequence[str] | None = None

    @property
    def all_as_one(self) -> bool:
        return not (self.labels or self.by)


def _read(
    metrics: Sequence[str],
    read_from: Sequence[Piece],
    at: str,
    start: datetime,
    end: datetime,
    which: _Which,
    step: timedelta = MINUTE,
) -> dict[tuple[str, Key], list[Point]]:
    told: dict[str, Any] = {
        "metrics": list(metrics), "labels": json.dumps(dict(which.labels or {})), "by": list(which.by),
        "among": list(which.among or ()), "start": start, "end": end, "step": step, "zone": settings.TIME_ZONE,
    }  # fmt: skip
    if not read_from or start >= end:
        return {}
    measured = []
    for number, piece in enumerate(read_from):
        told |= {f"start{number}": piece.start, f"end{number}": piece.end}
        asked = {
            "table": piece.table, "start": f"%(start{number})s", "end": f"%(end{number})s",
            "whole": which.all_as_one,  # all of a metric is a series of its own (roll_up.WHOLE)
        }  # fmt: skip
        measured.append(MEASURED.format(at=at.format(at="b.at"), **asked))
    only = "true" if which.among is None else AMONG
    query = QUERY.format(measured=" UNION ALL ".join(measured), key=KEY, among=only, minute_at=at.format(at="minute"))
    found: defaultdict[tuple[str, Key], dict[datetime, Summary]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(query, told)
        for metric, key, moment, summary in _rows(cursor.fetchall()):
            found[metric, key].setdefault(moment, Summary()).merge(summary)
    return {key: [Point(at, summaries[at]) for at in sorted(summaries)] for key, summaries in found.items()}


def _rows(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, Key, datetime, Summary]]:
    for metric, key, at, *figures in rows:
        yield metric, tuple(key), at, columns.summary(*figures)


def _kept_in(start: datetime, end: datetime, step: timedelta) -> tuple[str, str]:
    """The table that the steps are read from, and where in it a step begins."""
    # The running hour and day hold nothing yet of what comes after now, so they may be cut off there.
    running = end > timezone.now() - MINUTE
    if step == DAY and day_of(start) == start and (running or day_of(end) == end):
        return "monitoring_day", OF_ITS_DAY
    if step % HOUR == timedelta(0) and hour_of(start) == start and (running or hour_of(end) == end):
        return "monitoring_hour", STEPPED
    return "monitoring_minute", STEPPED
