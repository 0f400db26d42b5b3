"""Once a minute, however many schedulers run: whoever moves the cursor into the minute does what is done in it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# The database's clock, the one that all processes share.
CLAIM = """
    INSERT INTO monitoring_minutecursor AS cursor (name, minute)
    VALUES (%s, date_trunc('minute', coalesce(%s, clock_timestamp())))
    ON CONFLICT (name) DO UPDATE SET minute = excluded.minute WHERE cursor.minute < excluded.minute
    RETURNING minute"""


def claim_minute(name: str, now: datetime | None = None) -> datetime | None:
    """The running minute, if nobody had it before. Who claims it and dies leaves it undone: never is it done twice."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [name, now])
        claimed = cursor.fetchone()
    return claimed[0] if claimed else None
