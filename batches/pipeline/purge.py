"""Rows whose time is over go (Y7), a bounded number at a time."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from batches.models import Transaction
from monitoring import telemetry

ROWS_PER_DELETE = 10_000


def purge() -> int:
    """Delete expired transactions and return their number. Interrupted, the next run goes on."""
    total = 0
    while deleted := _delete_some():
        total += deleted
    telemetry.event("transactions_purged", rows=total)
    return total


def _delete_some() -> int:
    expired = Transaction.objects.filter(expires_on__lt=timezone.localdate()).order_by("expires_on")
    ids = list(expired.values_list("pk", flat=True)[:ROWS_PER_DELETE])
    if not ids:
        return 0
    with connection.cursor() as cursor:
        # Nothing refers to a transaction by key: no collecting of related rows, one statement.
        cursor.execute("DELETE FROM batches_transaction WHERE id = ANY(%s)", [[bytes.fromhex(pk) for pk in ids]])
        return int(cursor.rowcount)
