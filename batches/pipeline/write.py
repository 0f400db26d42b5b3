"""The only writer of rows: one chunk, one transaction.

Rows, dead letters, the chunk's counters and its state are committed together, under the lease the chunk was claimed
with; whoever lost the lease commits nothing.
"""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.db.models.functions import Now

from batches import kinds
from batches.kinds.kind import Owner, Source
from batches.models import Chunk
from batches.pipeline.bury import bury_conflicts, bury_file_fault, bury_lines
from batches.pipeline.claim import Claim
from batches.pipeline.copy_rows import copy_fresh
from batches.pipeline.merge import merge_rows
from batches.pipeline.parse import Parsed
from batches.pipeline.spool import Batch
from batches.pipeline.tally import Tally
from batches.states import ChunkStatus

OWNERS = "SELECT image_id, user_id, trace_id FROM batches_imageupload WHERE image_id = ANY(%s)"


class LeaseLost(Exception):
    """The chunk is somebody else's by now. Nothing was changed, nothing is to be done."""


def write_chunk(claim: Claim, parsed: Parsed, began: float) -> Tally:
    """Write a decoded chunk and finish it. LeaseLost when the lease is not valid any more.

    `began` is time.monotonic() when the work on the chunk began.
    """
    tally = Tally(read=parsed.read)
    with transaction.atomic():
        _introduce(claim)
        for batch in parsed.spool:
            _write_batch(claim, batch, tally)
        if parsed.fault:
            bury_file_fault(claim.file_id, claim.job_pk, *parsed.fault)
        _finish_chunk(claim, parsed, tally, time.monotonic() - began)
    return tally


def _introduce(claim: Claim) -> None:
    # `recover` ends the connection that goes by this name when the lease has run out: a worker that was stopped in
    # the middle of a transaction would otherwise hold its locks for ever.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [claim.application_name])


def _write_batch(claim: Claim, batch: Batch, tally: Tally) -> None:
    kind = kinds.get(claim.kind)
    owners = _owners(batch)
    source = Source(claim.job_pk, claim.job_id, claim.chunk_id, claim.user_id)
    # Of the same record twice in a batch the later line wins. Sorted, rows of one index page are written together.
    rows = sorted({row.id: row for row in kind.rows(source, batch.records, owners)}.values())
    tally.superseded += len(batch.records) - len(rows)
    if not (claim.fresh and copy_fresh(kind, rows, tally)):
        conflicts = merge_rows(kind, claim, rows, tally)
        bury_conflicts(kind, claim, batch, conflicts)
    bury_lines(claim, batch.dead, owners)
    tally.dead += len(batch.dead)


def _owners(batch: Batch) -> dict[str, Owner]:
    images = [record.image_id for _, record in batch.records] + [dead.record_id for dead in batch.dead]
    with connection.cursor() as cursor:
        # One array instead of 20,000 parameters: the ORM's IN took longer to write than the query took to run.
        cursor.execute(OWNERS, [images])
        return {image_id: Owner(user_id, bytes(trace_id).hex()) for image_id, user_id, trace_id in cursor}


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
