"""The names that steps have: hundreds, however many steps there are, since no ids are in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from monitoring.pages.traces.time_range import TimeRange

MOST = 500

# From one name to the next by the index on (name, started_at), without looking at the steps in between.
SKIPPING = """
    WITH RECURSIVE names AS (
        (SELECT name, 1 AS number FROM monitoring_span
            WHERE started_at >= %(start)s AND started_at < %(end)s ORDER BY name LIMIT 1)
        UNION ALL
        SELECT following.name, names.number + 1 FROM names CROSS JOIN LATERAL
            (SELECT s.name FROM monitoring_span AS s
                WHERE s.started_at >= %(start)s AND s.started_at < %(end)s AND s.name > names.name
                ORDER BY s.name LIMIT 1) AS following
        WHERE names.number < %(most)s
    ) SELECT name FROM names"""


def names_like(text: str, time: TimeRange) -> list[str]:
    """Those with the text in them, however it is written."""
    return [name for name in step_names(time) if text.casefold() in name.casefold()]


def step_names(time: TimeRange) -> list[str]:
    """Of the whole days that the time touches: an index then never has to pass over what is of another hour."""
    with connection.cursor() as cursor:
        days: dict[str, Any] = {
            "start": _midnight(time.start),
            "end": _midnight(time.end) + timedelta(days=1),
            "most": MOST,
        }
        cursor.execute(SKIPPING, days)
        return [name for (name,) in cursor.fetchall()]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
