"""Many letters, a bounded number in each transaction, up to the newest there was at the beginning."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max

from batches.letters.filters import Letters

LETTERS_PER_TRANSACTION = 1000


def in_batches(letters: Letters, newest: int | None = None) -> Iterator[list[int]]:
    """Ids in their order. A letter that comes later is not swept in; one that is gone meanwhile is left out.

    `newest`: what `newest_of` said when it was asked for; now, when it is left out.
    """
    newest, last = newest_of(letters) if newest is None else newest, 0
    while ids := _next(letters, last, newest):
        yield ids
        last = ids[-1]


def newest_of(letters: Letters) -> int:
    """The number of the newest letter there is at this moment; 0 when there is none."""
    newest: int | None = letters.order_by().aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def _next(letters: Letters, last: int, newest: int) -> list[int]:
    found = letters.filter(pk__gt=last, pk__lte=newest).order_by("pk").values_list("pk", flat=True)
    return list(found[:LETTERS_PER_TRANSACTION])
