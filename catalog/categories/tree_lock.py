"""Who changes the tree of categories does so alone: a move rewrites the paths of a whole branch."""

from __future__ import annotations

from django.db import connection

KEY = 7_402_113_055_001  # any number that nothing else locks by


def lock_tree() -> None:
    """Held to the end of the transaction; reading goes on beside it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
