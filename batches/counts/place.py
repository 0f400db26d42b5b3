"""Counts that wait go into the stocktake of their job and location, so many in each transaction.

The stocktake, its lines and the mark that a count is placed are committed together. Killed anywhere, there is nothing
of it or all of it; done twice, or by two at once, it is done once: the stocktake is unique by its source and location,
and counts are locked while they are being placed.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from batches.counts.into_stocktake import into_stocktake
from batches.counts.waiting import Place, places_to_fill, waiting
from batches.models import CountedStock
from batches.pipeline.brief_transaction import brief_transaction
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
        # What others hold they do themselves: another worker that places it, or a chunk that is just correcting it.
        mine = waiting().select_for_update(of=("self",), skip_locked=True, no_key=True)
        counts = list(mine.filter(job=place.job_pk, location=place.location).order_by("pk")[:COUNTS_PER_TRANSACTION])
        if not counts:
            return 0
        given = into_stocktake(place, counts)
        for count in counts:
            count.placed = count.content
            count.problem = given.problems.get(str(count.pk), "")
            count.stocktake_line_id = given.lines.get(str(count.pk))
        CountedStock.objects.bulk_update(counts, ["placed", "stocktake_line", "problem"])
        told: dict[str, Any] = {"stocktake": given.stocktake_id, "counts": len(counts), "problems": len(given.problems)}
        transaction.on_commit(lambda: telemetry.event("counts_placed", job=place.job_id, **told))
    return len(counts)
