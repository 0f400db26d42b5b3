"""By how much something changed the minutes: rows added, in the caller's transaction if it has one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from monitoring.metrics.summary import Summary
from monitoring.traces.spans import unobserved

Labels = tuple[tuple[str, str], ...]

INSERT = """
    INSERT INTO monitoring_metricdelta (metric, labels, minute, count, errors, total, least, most, bins, bin_counts)
    SELECT metric, labels, minute, count, errors, total, least, most,
        coalesce(string_to_array(nullif(bins, ''), ',')::int[], '{}'),
        coalesce(string_to_array(nullif(bin_counts, ''), ',')::bigint[], '{}')
    FROM unnest(%s::text[], %s::jsonb[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::float8[], %s::float8[],
        %s::float8[], %s::text[], %s::text[])
        AS told(metric, labels, minute, count, errors, total, least, most, bins, bin_counts)"""


class Key(NamedTuple):
    metric: str
    labels: Labels
    minute: datetime


def key(metric: str, labels: Mapping[str, str], at: datetime | None = None) -> Key:
    moment = at or datetime.now(UTC)
    return Key(metric, tuple(sorted(labels.items())), moment.replace(second=0, microsecond=0))


def add(told: Iterable[tuple[Key, Summary]]) -> None:
    """One statement, however many."""
    rows = [_row(key, summary) for key, summary in told]
    if rows:
        # Not told of: its own statement would be a figure to be written, for ever.
        with unobserved(), connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])


def _row(key: Key, summary: Summary) -> tuple[object, ...]:
    return (
        key.metric,
        json.dumps(dict(key.labels)),
        key.minute,
        summary.count,
        summary.errors,
        summary.total,
        summary.least,
        summary.most,
        ",".join(map(str, summary.bins)),
        ",".join(map(str, summary.bins.values())),
    )
