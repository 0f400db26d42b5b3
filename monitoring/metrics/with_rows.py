"""Figures in the very transaction that writes what they count: exact, wherever anybody is killed.

Where only the figures cannot be stored (their tables' disk is full, say), the rows are written all the same. From the
commit on the process keeps the figures, says so, and writes them later: a kill before then loses them, and no row.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import DatabaseError, connection, transaction

from monitoring.metrics import deltas
from monitoring.metrics.collect import collector
from monitoring.metrics.summary import Summary


def add_with_rows(told: Iterable[tuple[deltas.Key, Summary]]) -> None:
    """One statement, however many, behind a savepoint. DatabaseError when it is the whole transaction that is lost."""
    figures = list(told)
    try:
        with transaction.atomic():
            deltas.add(figures)
    except DatabaseError as fault:
        if connection.needs_rollback or connection.closed_in_transaction:
            raise
        sentence = str(fault)
        transaction.on_commit(lambda: collector().take_over(figures, sentence))
