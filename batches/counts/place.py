"""Counts that wait go into the stocktake of their job and location, so many in each transaction.

The stocktake, its lines and the mark that a count is placed are committed together. Killed anywhere, there is nothing
of it or all of it; done twice, or by two at once, it is done once: the stocktake is unique by its source and location,
and counts are locked while they are being placed.
"""

from __future__ import annotations

from django.db import transaction

from batches.counts.waiting import Place, places_to_fill, waiting
from batches.models import CountedStock
from batches.pipeline.brief_transaction import brief_transaction
from inventory.stocktakes.open_from_counts import Count, Kept, open_from_counts
from monitoring import telemetry

COUNTS_PER_TRANSACTION = 500


def place_counts() -> int:
    """Place all counts that wait and return their number."""
    return sum(_fill(place) for place in places_to_fill())


def _fill(place: Place) -> int:
    total = 0
    while placed := _place_some(place):
        total += placed
    return total


def _place_some(place: Place) -> int:
    with brief_transaction():
        # Whoever else is at the same ones does them; a chunk that corrects one meanwhile waits, or is waited for.
        mine = waiting().select_for_update(of=("self",), skip_locked=True, no_key=True)
        found = mine.filter(job=place.job_pk, location=place.location).order_by("pk")
        counts = list(found[:COUNTS_PER_TRANSACTION])
        if not counts:
            return 0
        asked = [Count(count.pk, count.sku, count.quantity) for count in counts]
        opened = open_from_counts(place.job_id, place.location, asked)
        for count in counts:
            _mark(count, opened.lines.get(count.pk), opened.kept.get(count.pk))
        CountedStock.objects.bulk_update(counts, ["placed", "stocktake_line", "problem"])
        transaction.on_commit(lambda: _tell(place, opened.stocktake_id, len(counts), len(opened.kept)))
    return len(counts)


def _mark(count: CountedStock, line_id: int | None, kept: Kept | None) -> None:
    count.placed = count.content
    count.problem = kept.why if kept else ""
    count.stocktake_line_id = line_id if line_id is not None else count.stocktake_line_id


def _tell(place: Place, stocktake: int | None, counts: int, kept: int) -> None:
    telemetry.event("counts_placed", job=place.job_id, stocktake=stocktake, counts=counts, problems=kept)
