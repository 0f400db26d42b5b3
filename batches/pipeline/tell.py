"""The figures of what was read, as rows of the very transaction that commits what they count: rolled back with it, they
were never told, and no line is counted twice or forgotten, wherever a worker is killed.
"""

from __future__ import annotations

from django.db.models import F

from batches.models import ResultFile
from batches.pipeline.claim import Claim
from batches.pipeline.tally import Tally
from batches.states import ChunkStatus
from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary
from monitoring.metrics.with_rows import add_with_rows


def tell_chunk(claim: Claim, tally: Tally, seconds: float) -> None:
    """Its lines, of which the dead ones failed, and how long it took; one statement, whatever its size."""
    labels = {"kind": claim.kind}
    took = Summary()
    took.add_value(seconds)
    lines = Summary(count=tally.read, errors=tally.dead)
    add_with_rows([(deltas.key("batch.lines", labels), lines), (deltas.key("batch.chunk", labels), took)])


def tell_file(file_id: int, kind: str, *, failed: bool = False) -> None:
    """From its arrival to its end, by the database's clock.

    Only the first end counts: a file that is read again, days later, because a poisoned chunk of it was bisected, did
    not take days.
    """
    ended = ResultFile.objects.filter(pk=file_id).exclude(chunks__status=ChunkStatus.BISECTED)
    for took in ended.values_list(F("finished_at") - F("received_at"), flat=True):
        summary = Summary()
        summary.add_value(took.total_seconds(), failed=failed)
        add_with_rows([(deltas.key("batch.file", {"kind": kind}), summary)])
