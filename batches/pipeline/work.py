"""Work on chunks until none is left: claim, parse, write, finish."""

from __future__ import annotations

import time

from django.db import InterfaceError, OperationalError, connection

from batches.models import Chunk
from batches.pipeline.claim import Claim, claim_chunk
from batches.pipeline.fail_file import fail_file
from batches.pipeline.finish import finish_file
from batches.pipeline.hand_back import hand_back
from batches.pipeline.heartbeat import heartbeat
from batches.pipeline.parse import parse_chunk
from batches.pipeline.wake import wake_workers
from batches.pipeline.write import LeaseLost, write_chunk
from batches.states import ChunkStatus
from batches.storage.port import StorageFault
from monitoring import telemetry
from monitoring.context import carrying

# Short enough that a worker asked to stop has stopped within a deploy's patience, long enough to pay for the message.
SHIFT_SECONDS = 5.0


def work(seconds: float = SHIFT_SECONDS) -> int:
    """Work on chunks for about `seconds`, and return how many. What is left then gets a message of its own."""
    until, done = time.monotonic() + seconds, 0
    while claim := claim_chunk():
        work_on(claim)
        done += 1
        if time.monotonic() >= until:
            wake_workers(Chunk.objects.filter(status=ChunkStatus.PENDING)[:1].count())
            break
    return done


def work_on(claim: Claim) -> None:
    """One claimed chunk, to whatever end. Only a database that is away can leave it leased; `recover` sees to that."""
    with carrying(job=claim.job_id, chunk=claim.chunk_id, trace_id=claim.trace_id):
        try:
            _take_in(claim)
        except LeaseLost:
            telemetry.event("lease_lost", lease=claim.lease)
        except StorageFault as fault:
            _storage_fault(claim, fault)
        except (OperationalError, InterfaceError) as fault:
            telemetry.fault("database_fault")
            connection.close()
            hand_back(claim.chunk_id, claim.lease, f"The database: {fault}", passing=True)
        except Exception as fault:
            telemetry.fault("chunk_failed")
            hand_back(claim.chunk_id, claim.lease, f"{type(fault).__name__}: {fault}", passing=False)
        finish_file(claim.file_id)


def _take_in(claim: Claim) -> None:
    began = time.monotonic()
    with heartbeat(claim):
        parsed = parse_chunk(claim)
        try:
            tally = write_chunk(claim, parsed, began)
        finally:
            parsed.spool.close()
    telemetry.event("chunk_done", seconds=round(time.monotonic() - began, 3), **tally.counters())


def _storage_fault(claim: Claim, fault: StorageFault) -> None:
    if fault.retryable:
        hand_back(claim.chunk_id, claim.lease, str(fault), passing=True)
    else:
        fail_file(claim.file_id, fault)
