"""The balance: `read = inserted + updated + unchanged + superseded + dead`, and what is still to be read.

Always sums over chunks; the database holds each finished chunk to the equation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import Coalesce

from batches.models import Chunk
from batches.models.chunk import COUNTERS
from batches.states import OPEN_CHUNKS, ChunkStatus


@dataclass(frozen=True)
class Balance:
    """Lines by what became of them; `pending`, `unread` and `size` in bytes, for lines not read cannot be counted."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    dead: int = 0
    pending: int = 0
    unread: int = 0  # in chunks that were poisoned or abandoned
    size: int = 0
    chunks: int = 0
    chunks_done: int = 0

    @property
    def holds(self) -> bool:
        return self.read == self.inserted + self.updated + self.unchanged + self.superseded + self.dead

    @property
    def percent(self) -> float:
        """How far the reading is, by bytes."""
        return 100.0 * (self.size - self.pending) / self.size if self.size else 100.0

    @property
    def failure_rate(self) -> float:
        """Dead lines in a hundred read."""
        return 100.0 * self.dead / self.read if self.read else 0.0


def of_jobs(job_pks: Iterable[int]) -> dict[int, Balance]:
    """The balances of several jobs in one query. A job without chunks is not among them."""
    return _sums("job_id", list(job_pks))


def of_job(job_pk: int) -> Balance:
    return of_jobs([job_pk]).get(job_pk, Balance())


def of_files(file_pks: Iterable[int]) -> dict[int, Balance]:
    return _sums("file_id", list(file_pks))


def _sums(by: str, pks: list[int]) -> dict[int, Balance]:
    length = F("end") - F("start")
    sums: dict[str, Any] = {f"sum_{name}": Sum(name) for name in COUNTERS}
    sums["sum_size"] = Sum(length)
    sums["sum_pending"] = _bytes(length, OPEN_CHUNKS)
    sums["sum_unread"] = _bytes(length, (ChunkStatus.POISONED, ChunkStatus.ABANDONED))
    sums["sum_chunks"] = Count("pk")
    sums["sum_chunks_done"] = Count("pk", filter=Q(status=ChunkStatus.DONE))
    # A bisected chunk's bytes are its halves' by now.
    chunks = Chunk.objects.filter(**{f"{by}__in": pks}).exclude(status=ChunkStatus.BISECTED)
    rows = chunks.order_by().values(by).annotate(**sums)
    return {row[by]: Balance(**{f.name: row[f"sum_{f.name}"] for f in fields(Balance)}) for row in rows}


def _bytes(length: Any, statuses: Iterable[ChunkStatus]) -> Coalesce:
    return Coalesce(Sum(Case(When(status__in=list(statuses), then=length))), 0)
