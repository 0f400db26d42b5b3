"""Many letters, a bounded number in each transaction, up to the newest there was at the beginning."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max

from batches.letters.filters import Letters

LETTERS_PER_TRANSACTION = 1000


def in_batches(letters: Letters) -> Iterator[list[int]]:
    """Ids in their order. A letter that comes later is not swept in; one that is gone meanwhile is left out."""
    newest = letters.order_by().aggregate(newest=Max("pk"))["newest"]
    last = 0
    while newest and (ids := _next(letters, last, newest)):
        yield ids
        last = ids[-1]


def _next(letters: Letters, last: int, newest: int) -> list[int]:
    found = letters.filter(pk__gt=last, pk__lte=newest).order_by("pk").values_list("pk", flat=True)
    return list(found[:LETTERS_PER_TRANSACTION])
