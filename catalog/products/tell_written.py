"""How many products were written, for the shop's figures: after commit, so that what is rolled back is never told."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from monitoring import telemetry


def tell_written(number: int = 1) -> None:
    """In the transaction that writes them. A killed process may lose its last seconds; the audit log is exact."""
    if number:
        transaction.on_commit(partial(telemetry.count, "product.edits", number), robust=True)
