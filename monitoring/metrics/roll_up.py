"""Deltas move into the minutes, hours and days they belong to, so that there are never many to add up.

One roll-up at a time, by an advisory lock; whoever comes second has nothing to do. Each step is one transaction that
takes the oldest deltas away and adds them to all three tables and to the series' running totals: killed anywhere, they
are counted once, here or there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from monitoring import partitions
from monitoring.metrics import totals
from monitoring.metrics.columns import parameters, replace, summary
from monitoring.metrics.spans import day_of, hour_of
from monitoring.metrics.summary import Summary

LOCK_KEY = 0x4E53_4D45_5452
MOST_DELTAS = 5_000
# The labels of a series that is all of a metric: nobody has to add up a month, or hours of minutes, of sixty routes.
WHOLE = '{"*": "*"}'
# A process that is stopped in the middle must not keep the lock.
STOPPED_SECONDS = 30

TAKE = """
    DELETE FROM monitoring_metricdelta WHERE id IN (SELECT id FROM monitoring_metricdelta ORDER BY id LIMIT %s)
    RETURNING metric, labels::text, minute, count, errors, total, least, most, bins, bin_counts"""
NEW_SERIES = """
    INSERT INTO monitoring_series (metric, labels)
    SELECT metric, labels FROM unnest(%(metrics)s::text[], %(labels)s::jsonb[]) AS told(metric, labels)
    WHERE NOT EXISTS (SELECT FROM monitoring_series AS s WHERE s.metric = told.metric AND s.labels = told.labels)
    ON CONFLICT DO NOTHING"""
SERIES = """
    SELECT told.metric, told.text, s.id
    FROM unnest(%(metrics)s::text[], %(labels)s::jsonb[], %(labels)s::text[]) AS told(metric, labels, text)
    JOIN monitoring_series AS s ON s.metric = told.metric AND s.labels = told.labels"""
BEFORE = """
    SELECT series_id, at, count, errors, total, least, most, bins, bin_counts
    FROM {table} JOIN unnest(%s::bigint[], %s::timestamptz[]) AS told(series_id, at) USING (series_id, at)"""
STORE = {
    table: replace(table, {"series_id": "bigint", "at": "timestamptz"})
    for table in ("monitoring_minute", "monitoring_hour", "monitoring_day")
}

Sums = dict[tuple[int, datetime], Summary]


def roll_up_metrics() -> int:
    """Roll up all deltas there are, and return their number; 0 as well when somebody else is at it."""
    total = 0
    while taken := _roll_some():
        total += taken
        if taken < MOST_DELTAS:
            break
    return total


def _roll_some() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [f"{STOPPED_SECONDS}s"])
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(TAKE, [MOST_DELTAS])
        taken = cursor.fetchall()
        if taken:
            minutes = _by_minute(cursor, taken)
            wholes = _wholes(cursor, {metric for metric, *_ in taken})
            _add(cursor, "monitoring_minute", _by(_its_own, minutes, wholes))
            _add(cursor, "monitoring_hour", _by(hour_of, minutes, wholes))
            _add(cursor, "monitoring_day", _by(day_of, minutes, wholes))
            totals.add(cursor, _by_series(minutes))
        return len(taken)


def _by_minute(cursor: Any, taken: list[tuple[Any, ...]]) -> Sums:
    series = _series(cursor, sorted({(metric, labels) for metric, labels, *_ in taken}))
    sums: defaultdict[tuple[int, datetime], Summary] = defaultdict(Summary)
    for metric, labels, minute, *figures in taken:
        sums[series[metric, labels], minute].merge(summary(*figures))
    return sums


def _by(span_of: Callable[[datetime], datetime], minutes: Sums, wholes: dict[int, int]) -> Sums:
    sums: defaultdict[tuple[int, datetime], Summary] = defaultdict(Summary)
    for (series, minute), its in minutes.items():
        at = span_of(minute)
        sums[series, at].merge(its)
        sums[wholes[series], at].merge(its)
    return sums


def _its_own(minute: datetime) -> datetime:
    return minute


def _by_series(minutes: Sums) -> dict[int, Summary]:
    sums: defaultdict[int, Summary] = defaultdict(Summary)
    for (series, _), its in minutes.items():
        sums[series].merge(its)
    return sums


def _wholes(cursor: Any, metrics: set[str]) -> dict[int, int]:
    """The number of the series of all of a metric, for each of its series."""
    whole = _series(cursor, sorted((metric, WHOLE) for metric in metrics))
    cursor.execute("SELECT id, metric FROM monitoring_series WHERE metric = ANY(%s)", [sorted(metrics)])
    return {series: whole[metric, WHOLE] for series, metric in cursor.fetchall()}


def _series(cursor: Any, named: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    told = {"metrics": [metric for metric, _ in named], "labels": [labels for _, labels in named]}
    cursor.execute(NEW_SERIES, told)
    cursor.execute(SERIES, told)
    return {(metric, labels): number for metric, labels, number in cursor.fetchall()}


def _add(cursor: Any, table: str, sums: Sums) -> None:
    """Stores `sums`, having added to them what is there. What is too old is left out: its partition has gone."""
    oldest = partitions.oldest_kept(table, timezone.now())
    kept = {key: its for key, its in sums.items() if key[1] >= oldest}
    if not kept:
        return
    partitions.make_for(table, {at for _, at in kept})
    cursor.execute(BEFORE.format(table=table), [[series for series, _ in kept], [at for _, at in kept]])
    for series, at, *figures in cursor.fetchall():
        kept[series, at].merge(summary(*figures))
    cursor.execute(STORE[table], parameters(kept.items()))
