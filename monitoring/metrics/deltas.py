"""By how much something changed the minutes: rows added, in the caller's transaction if it has one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from monitoring.metrics.columns import insert, parameters
from monitoring.metrics.summary import Summary
from monitoring.traces.spans import unobserved

Labels = tuple[tuple[str, str], ...]

INSERT = insert("monitoring_metricdelta", {"metric": "text", "labels": "jsonb", "minute": "timestamptz"})


class Key(NamedTuple):
    metric: str
    labels: Labels
    minute: datetime


def key(metric: str, labels: Mapping[str, str], at: datetime | None = None) -> Key:
    moment = at or datetime.now(UTC)
    return Key(metric, tuple(sorted(labels.items())), moment.replace(second=0, microsecond=0))


def add(told: Iterable[tuple[Key, Summary]]) -> None:
    """One statement, however many."""
    rows = [((key.metric, json.dumps(dict(key.labels)), key.minute), summary) for key, summary in told]
    if rows:
        # Not told of: its own statement would be a figure to be written, for ever.
        with unobserved(), connection.cursor() as cursor:
            cursor.execute(INSERT, parameters(rows))
