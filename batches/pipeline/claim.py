"""Take the next chunk: leased to this process, under the next lease number."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from batches.models import Chunk

# One statement, and so one transaction that the server ends by itself: a worker that is stopped (SIGSTOP, a paused
# container) while it claims would otherwise hold the lock of a pending chunk, and nobody could ever take it.
CLAIM = """
    UPDATE batches_chunk SET status = 'leased', lease = lease + 1, attempts = attempts + 1, heartbeat_at = now(),
        leased_until = now() + make_interval(secs => %s), holder = %s
    WHERE id = (
        SELECT id FROM batches_chunk WHERE status = 'pending' AND not_before <= now() {tried}
        ORDER BY ordinal, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, lease, attempts"""


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
    holder = f"{socket.gethostname()}:{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(CLAIM.format(tried="" if suspects else "AND attempts = 0"), [settings.LEASE_SECONDS, holder])
        claimed = cursor.fetchone()
    return claim_of(Chunk.objects.select_related("file", "job").get(pk=claimed[0]), *claimed[1:]) if claimed else None


def lease_end() -> object:
    """By the database's clock, the only one that all workers share."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def claim_of(chunk: Chunk, lease: int, attempts: int) -> Claim:
    """All that is known of a chunk. A line that is put back comes with its old chunk, under no lease: 0."""
    file, job = chunk.file, chunk.job
    return Claim(
        chunk_id=chunk.pk,
        lease=lease,
        attempts=attempts,
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
