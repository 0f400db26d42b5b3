"""Whose the changes of an import are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from catalog.models import Transfer
from monitoring.history.context import by_task


@contextmanager
def recorded_as(transfer: Transfer) -> Iterator[None]:
    """The history of products names whoever started the import, although a worker writes it."""
    with by_task(f"import {transfer.pk}", user=transfer.started_by_id):
        yield
