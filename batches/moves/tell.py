"""How many images came to an end, as a row of the transaction that says so of each."""

from __future__ import annotations

from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary
from monitoring.metrics.with_rows import add_with_rows


def tell_images(number: int, *, failed: int = 0) -> None:
    if number:
        add_with_rows([(deltas.key("batch.images", {}), Summary(number, failed))])
