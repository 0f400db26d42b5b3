"""Whose the changes of an import are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory

from catalog.models import Transfer


@contextmanager
def recorded_as(transfer: Transfer) -> Iterator[None]:
    """The history of products names whoever started the import, although a worker writes it."""
    with pghistory.context(via="task", place=f"import {transfer.pk}", user=transfer.started_by_id, by=""):
        yield
