"""The other half: what was decoded is written, or what went wrong is dealt with. One chunk, to whatever end."""

from __future__ import annotations

import time

from django.db import InterfaceError, OperationalError, connection

from batches.pipeline import database_fault
from batches.pipeline.claim import Claim
from batches.pipeline.fail_file import fail_file
from batches.pipeline.finish import finish_file
from batches.pipeline.hand_back import hand_back
from batches.pipeline.new_connection import new_connection
from batches.pipeline.prepare import Prepared
from batches.pipeline.stop_sign import AskedToStop
from batches.pipeline.write import LeaseLost, write_chunk
from monitoring import telemetry
from monitoring.context import carrying
from storage.port import StorageFault


def bring_in(prepared: Prepared) -> None:
    """Write the chunk and finish its file if it was the last. A chunk that cannot be written is handed back.

    Only a database that is away can leave it leased, and the exception passes through: `recover` sees to the rest.
    """
    claim = prepared.claim
    try:
        with prepared.step.inside(), carrying(job=claim.job_id, chunk=claim.chunk_id, trace_id=claim.trace_id):
            _bring_in(prepared, claim)
            finish_file(claim.file_id)
    finally:
        prepared.step.end()


def _bring_in(prepared: Prepared, claim: Claim) -> None:
    try:
        _write(prepared)
    except LeaseLost:
        telemetry.event("lease_lost", lease=claim.lease)
    except AskedToStop as stop:
        hand_back(claim.chunk_id, claim.lease, str(stop), passing=True, at_once=True)
    except (SystemExit, KeyboardInterrupt):
        # The signal reached this very process: a group was told to stop, or a cold shutdown ends its children.
        new_connection()
        hand_back(claim.chunk_id, claim.lease, "The worker was told to stop.", passing=True, at_once=True)
        raise
    except StorageFault as fault:
        _deal_with_storage(claim, fault)
    except (OperationalError, InterfaceError) as fault:
        telemetry.fault("database_fault")
        connection.close()
        hand_back(claim.chunk_id, claim.lease, database_fault.told(fault), passing=True)
    except Exception as fault:
        # One chunk's surprise must not stop the others; it is kept with the chunk, and its tries are counted.
        telemetry.fault("chunk_failed")
        connection.close()  # it may be the connection that failed
        hand_back(claim.chunk_id, claim.lease, f"{type(fault).__name__}: {fault}", passing=False)
    finally:
        prepared.close()


def _write(prepared: Prepared) -> None:
    if prepared.parsed is None:
        raise prepared.fault or LeaseLost
    with telemetry.span("write") as step:
        tally = write_chunk(prepared.claim, prepared.parsed, prepared.began)
        step.note(**tally.counters())
    telemetry.event("chunk_done", seconds=round(time.monotonic() - prepared.began, 3), **tally.counters())


def _deal_with_storage(claim: Claim, fault: StorageFault) -> None:
    if fault.retryable:
        hand_back(claim.chunk_id, claim.lease, str(fault), passing=True)
    else:
        fail_file(claim.file_id, fault)
