"""How many letters wait for a person: exact at any moment, however many there are."""

from __future__ import annotations

from django.db import connection

# In one statement: the roll-up moves tallies into the groups' figures.
OPEN = """
    SELECT (SELECT coalesce(sum(open), 0) FROM batches_lettergroup)
        + (SELECT coalesce(sum(open), 0) FROM batches_lettertally)"""


def open_letters() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        return int(cursor.fetchone()[0])
