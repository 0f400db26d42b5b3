"""The only writer of rows: one chunk, one transaction.

Rows, dead letters, figures, the chunk's counters and its state are committed together, under the lease the chunk was
claimed with; whoever lost the lease commits nothing.
"""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.db.models.functions import Now

from batches import kinds
from batches.models import Chunk
from batches.pipeline import stop_sign
from batches.pipeline.bury import bury_conflicts, bury_file_fault, bury_lines
from batches.pipeline.claim import Claim
from batches.pipeline.copy_rows import copy_fresh
from batches.pipeline.merge import merge_rows
from batches.pipeline.parse import Parsed
from batches.pipeline.spool import Batch
from batches.pipeline.tally import Tally
from batches.pipeline.tell import tell_chunk
from batches.states import ChunkStatus


class LeaseLost(Exception):
    """The chunk is somebody else's by now. Nothing was changed, nothing is to be done."""

    expected = True  # no failure of the step it ends


def write_chunk(claim: Claim, parsed: Parsed, began: float) -> Tally:
    """Write a decoded chunk and finish it. LeaseLost when the lease is not valid any more, AskedToStop.

    `began` is time.monotonic() when the work on the chunk began.
    """
    tally = Tally(read=parsed.read)
    with transaction.atomic():
        _introduce(claim)
        for number, batch in enumerate(parsed.spool):
            if number:
                stop_sign.heed()
            _write_batch(claim, batch, tally)
        if parsed.fault:
            bury_file_fault(claim.file_id, claim.job_pk, *parsed.fault)
        seconds = time.monotonic() - began
        # Ahead of the end, which holds the chunk's row: should the lease be lost, the figures go as the rows do.
        tell_chunk(claim, tally, seconds)
        _finish_chunk(claim, parsed, tally, seconds)
    return tally


def _introduce(claim: Claim) -> None:
    # `recover` ends the connection that goes by this name when the lease has run out: a worker that was stopped in
    # the middle of a transaction would otherwise hold its locks for ever.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [claim.application_name])


def _write_batch(claim: Claim, batch: Batch, tally: Tally) -> None:
    kind = kinds.get(claim.kind)
    tally.superseded += batch.repeated
    if not (claim.fresh and copy_fresh(kind, claim, batch.rows, tally)):
        bury_conflicts(kind, claim, merge_rows(kind, claim, batch.rows, tally))
    bury_lines(claim, batch.dead)
    tally.dead += len(batch.dead)


def _finish_chunk(claim: Claim, parsed: Parsed, tally: Tally, seconds: float) -> None:
    finished = Chunk.objects.filter(pk=claim.chunk_id, lease=claim.lease, status=ChunkStatus.LEASED).update(
        status=ChunkStatus.DONE,
        **tally.counters(),
        physical_lines=parsed.physical_lines,
        unchanged_ids=bytes(tally.unchanged_ids) or None,
        seconds=seconds,
        leased_until=None,
        last_error="",
        finished_at=Now(),
    )
    if not finished:
        raise LeaseLost(f"Lease {claim.lease} of chunk {claim.chunk_id} is not valid any more.")
