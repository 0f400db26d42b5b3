"""Whether anybody takes work, told from the database alone: a page must not wait for workers to answer."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from batches.models import Chunk
from batches.states import ChunkStatus

IDLE = timedelta(seconds=20)


def nobody_works() -> bool:
    """Chunks are ready, and for a while none has been claimed or has had a heartbeat."""
    waiting = Chunk.objects.filter(
        status__in=[ChunkStatus.PENDING], not_before__lte=Now() - IDLE, file__received_at__lte=Now() - IDLE
    )
    return waiting.exists() and not Chunk.objects.filter(heartbeat_at__gt=Now() - IDLE).exists()
