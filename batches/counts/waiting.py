"""Which counts wait to be put into a stocktake: those of files that are not being read (any more)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from batches.models import CountedStock
from batches.states import FileStatus

WAITING = Q(placed=None) | ~Q(placed=F("content"))


class Place(NamedTuple):
    """What one stocktake is about: a job, and the code of a location as the job's lines write it."""

    job_pk: int
    job_id: str
    location: str


def waiting() -> QuerySet[CountedStock]:
    """A failed file's rows as well: what was counted stays counted."""
    return CountedStock.objects.filter(WAITING).exclude(chunk__file__status=FileStatus.READING)


def places_to_fill() -> Iterator[Place]:
    """Each place once, in one order for everybody."""
    places = waiting().order_by("job_id", "location").values("job_id", "job__job_id", "location").distinct()
    yield from (Place(place["job_id"], place["job__job_id"], place["location"]) for place in places)
