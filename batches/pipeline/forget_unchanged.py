"""The ids that chunks found unchanged are kept as long as an earlier line may still come, and no longer."""

from __future__ import annotations

from batches.models import Chunk, DeadLetter
from batches.states import ChunkStatus, LetterKind, LetterStatus


def forget_unchanged(job_pk: int) -> None:
    """Called when no file of the job is being read. A poisoned chunk's halves may still come, and lines of open
    letters: a later line that found the row unchanged must be known to them (see siblings.py).
    """
    chunks = Chunk.objects.filter(job=job_pk)
    letters = DeadLetter.objects.filter(job=job_pk, status=LetterStatus.OPEN)
    if chunks.filter(status=ChunkStatus.POISONED).exists():
        return
    if not letters.filter(kind__in=(LetterKind.LINE, LetterKind.CONFLICT)).exists():
        chunks.filter(unchanged_ids__isnull=False).update(unchanged_ids=None)
