"""A chunk could not be finished: back to pending for another try, or poison when the tries are used up."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from batches.models import Chunk
from batches.pipeline.brief_transaction import brief_transaction
from batches.pipeline.bury import bury_poison
from batches.states import ChunkStatus, before
from monitoring import telemetry

LONGEST_PAUSE = 60  # seconds


def hand_back(chunk_id: int, lease: int, error: str, *, passing: bool, at_once: bool = False) -> None:
    """End the lease without a result. A `passing` fault (storage or database away) does not use up an attempt.

    The next try comes after a pause that grows, or `at_once` when nothing was wrong.
    """
    with brief_transaction():
        chunk = Chunk.objects.select_for_update().filter(pk=chunk_id, lease=lease, status=ChunkStatus.LEASED).first()
        if chunk is None:
            return  # somebody else's by now
        if passing or chunk.attempts < settings.MAX_ATTEMPTS:
            _retry(chunk, error, passing=passing, pause=0 if at_once else min(2 ** (chunk.lease - 1), LONGEST_PAUSE))
        else:
            _poison(chunk, error)
    telemetry.event("chunk_handed_back", level=logging.WARNING, chunk=chunk_id, attempts=chunk.attempts, error=error)


def _retry(chunk: Chunk, error: str, *, passing: bool, pause: int) -> None:
    Chunk.objects.filter(pk=chunk.pk, status__in=before(ChunkStatus.PENDING)).update(
        status=ChunkStatus.PENDING,
        attempts=F("attempts") - (1 if passing else 0),
        not_before=Now() + timedelta(seconds=pause),
        leased_until=None,
        last_error=error,
    )


def _poison(chunk: Chunk, error: str) -> None:
    Chunk.objects.filter(pk=chunk.pk, status__in=before(ChunkStatus.POISONED)).update(
        status=ChunkStatus.POISONED, leased_until=None, last_error=error, finished_at=Now()
    )
    bury_poison(
        chunk,
        f"Bytes {chunk.start:,} to {chunk.end:,} could not be taken in {chunk.attempts} times; the last time: {error}"
        " None of their lines is counted. The rest of the file went in.",
    )
