"""Whoever writes a batch of a redrive, or steers it, holds it: by an advisory lock, so that its row stays free.

The heart renews the lease in the row while a batch is written; and when a worker is stopped in the middle of one, the
lease runs out, and whoever claims next ends the connection that holds this lock.

Lock order of everything about redrives: this lock, the redrive's row, items, jobs, letters, the job's merge lock, rows,
chunks, the roll-up's lock.
"""

from __future__ import annotations

from django.db import connection

NAMESPACE = 0x52656472  # "Redr": keys of two parts never meet the job's merge lock, which has one


def lock_redrive(redrive_id: int) -> None:
    """Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NAMESPACE, redrive_id])
