"""Take the next chunk: leased to this process, under the next lease number."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from batches.models import Chunk
from batches.states import ChunkStatus, before


class Claim(NamedTuple):
    """A chunk, all that is needed to work on it, and the lease under which it may be finished."""

    chunk_id: int
    lease: int
    attempts: int
    start: int
    end: int
    file_id: int
    bucket: str
    key: str
    version: str
    compressed: bool
    fresh: bool
    job_pk: int
    job_id: str
    user_id: str
    kind: str
    trace_id: str

    @property
    def suspect(self) -> bool:
        """Whether an earlier try at it failed, or its worker died: it may kill the next one too."""
        return self.attempts > 1

    @property
    def application_name(self) -> str:
        """How the writing connection calls itself, so that a lease's holder can be found in pg_stat_activity."""
        return f"nightshelf chunk {self.chunk_id} lease {self.lease}"


def claim_chunk(*, suspects: bool = True) -> Claim | None:
    """The next pending chunk, or None. First chunks come first: a small file never waits for a big one.

    Without `suspects`, only a chunk that was never given up before: one that may kill its worker is kept apart.
    """
    tried = Q() if suspects else Q(attempts=0)
    with transaction.atomic():
        chunk = (
            Chunk.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(tried, status__in=[ChunkStatus.PENDING], not_before__lte=Now())
            .select_related("file", "job")
            .order_by("ordinal", "id")
            .first()
        )
        if chunk is None:
            return None
        Chunk.objects.filter(pk=chunk.pk, status__in=before(ChunkStatus.LEASED)).update(
            status=ChunkStatus.LEASED,
            lease=F("lease") + 1,
            attempts=F("attempts") + 1,
            leased_until=lease_end(),
            heartbeat_at=Now(),
            holder=f"{socket.gethostname()}:{os.getpid()}",
        )
    return _claim(chunk)


def lease_end() -> object:
    """By the database's clock, the only one that all workers share."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def _claim(chunk: Chunk) -> Claim:
    file, job = chunk.file, chunk.job
    return Claim(
        chunk_id=chunk.pk,
        lease=chunk.lease + 1,
        attempts=chunk.attempts + 1,
        start=chunk.start,
        end=chunk.end,
        file_id=file.pk,
        bucket=file.bucket,
        key=file.key,
        version=file.version,
        compressed=file.compressed,
        fresh=file.fresh,
        job_pk=job.pk,
        job_id=job.job_id,
        user_id=job.user_id,
        kind=job.kind,
        trace_id=job.trace_id,
    )
