"""A transaction whose locks others wait for, and which is over at once.

A process that is stopped (SIGSTOP, a paused container) in the middle of one keeps its locks, and nobody else could
finish the file, or recover anything: the server ends its session when it has said nothing for the length of a lease.
(A chunk's own transaction is ended by `recover`, which knows it by its name.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def brief_transaction() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Of this transaction only, by a statement: connection poolers refuse it as an option of the connection.
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [_milliseconds()])
        yield


def _milliseconds() -> str:
    return str(1000 * settings.LEASE_SECONDS)
