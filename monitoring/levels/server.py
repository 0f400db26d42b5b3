"""The database server, and what stands in the database itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from monitoring import canary
from monitoring.models import Canary
from monitoring.telemetry import Sample


class NobodyKnows(Exception):
    """A sentence: why a level cannot be told."""


def connections() -> Iterator[Sample]:
    """Of all databases and everybody: `max_connections` is the server's. Its own processes have no database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL")
        yield Sample({}, cursor.fetchone()[0])


def workers() -> Iterator[Sample]:
    """Those that answered a canary of late. With several on one queue only the last to answer is seen."""
    if not Canary.objects.filter(failure="").exclude(sent_at=None).exists():
        raise NobodyKnows("no canary could be sent")
    yield Sample({}, len(canary.answered_of_late()))
