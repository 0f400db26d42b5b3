"""Made-up figures: what a process or a chunk would have told, at a moment of one's choosing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary


def told(metric: str, at: datetime, count: int = 1, failed: int = 0, **labels: str) -> None:
    """So many happened in the minute of `at`."""
    deltas.add([(deltas.key(metric, labels, at), Summary(count=count, errors=failed))])


def measured(metric: str, at: datetime, values: Iterable[float], failed: int = 0, **labels: str) -> None:
    """These were the values; of them, the first `failed` were of what failed."""
    summary = Summary()
    for place, value in enumerate(values):
        summary.add_value(value, failed=place < failed)
    deltas.add([(deltas.key(metric, labels, at), summary)])


def as_told_by_chunks() -> None:
    """What the chunks of the test would have told when they committed."""
    from batches.models import Chunk
    from batches.states import ChunkStatus

    for chunk in Chunk.objects.filter(status=ChunkStatus.DONE).select_related("job"):
        assert chunk.finished_at
        told("batch.lines", chunk.finished_at, chunk.read, chunk.dead, kind=chunk.job.kind)
        measured("batch.chunk", chunk.finished_at, [chunk.seconds or 0.0], kind=chunk.job.kind)
