"""The chunks of a job for its page: those that need a look first, and no more than a page can hold."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Case, IntegerField, Value, When

from batches.models import Chunk, Job
from batches.states import ChunkStatus

MOST = 200
FIRST = (ChunkStatus.POISONED, ChunkStatus.LEASED, ChunkStatus.ABANDONED, ChunkStatus.PENDING)


class Chunks(NamedTuple):
    rows: list[Chunk]
    left_out: int


def chunks_of(job: Job, total: int) -> Chunks:
    order = Case(
        *(When(status=status, then=Value(at)) for at, status in enumerate(FIRST)),
        default=Value(len(FIRST)),
        output_field=IntegerField(),
    )
    rows = list(
        Chunk.objects.filter(job=job)
        .defer("unchanged_ids")
        .select_related("file")
        .order_by(order, "file", "start")[:MOST]
    )
    return Chunks(rows, max(0, total - len(rows)))
