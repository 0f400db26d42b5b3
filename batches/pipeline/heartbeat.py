"""While a chunk is worked on, its lease is renewed: a missed heartbeat, not age, is what a rescue looks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from batches.models import Chunk
from batches.pipeline.claim import Claim, lease_end
from batches.states import ChunkStatus
from monitoring import telemetry


@contextmanager
def heartbeat(claim: Claim) -> Iterator[None]:
    """Beat in a thread until the block is left. A chunk that is quicker than the first beat opens no connection."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(claim, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(claim: Claim, done: threading.Event) -> None:
    try:
        while not done.wait(settings.LEASE_SECONDS / 6):
            _renew(claim)
    finally:
        connection.close()


def _renew(claim: Claim) -> None:
    try:
        Chunk.objects.filter(pk=claim.chunk_id, lease=claim.lease, status=ChunkStatus.LEASED).update(
            leased_until=lease_end(), heartbeat_at=Now()
        )
    except DatabaseError:
        # The database may be back before the lease ends; if not, the chunk is somebody else's and the fence holds.
        telemetry.fault("heartbeat_failed", chunk=claim.chunk_id)
        connection.close()
