"""The half of a chunk's work that needs no transaction: its bytes are read and decoded, and its lease kept alive."""

from __future__ import annotations

import time
from dataclasses import dataclass

from batches.pipeline.claim import Claim, claim_chunk
from batches.pipeline.heartbeat import Heartbeat
from batches.pipeline.parse import Parsed, parse_chunk
from monitoring.context import carrying


@dataclass
class Prepared:
    """A claimed chunk, decoded or failed. Its heart beats until `close`."""

    claim: Claim
    began: float  # time.monotonic()
    heartbeat: Heartbeat
    parsed: Parsed | None = None
    fault: Exception | None = None

    def close(self) -> None:
        self.heartbeat.stop()
        if self.parsed is not None:
            self.parsed.spool.close()


def prepare_next(*, suspects: bool = True) -> Prepared | None:
    """Claim the next chunk (see `claim_chunk`) and decode it; None when no chunk is pending."""
    claim = claim_chunk(suspects=suspects)
    return prepare(claim) if claim else None


def prepare(claim: Claim) -> Prepared:
    """Decode a claimed chunk. What goes wrong is kept for whoever brings it in: there it is decided what it means."""
    prepared = Prepared(claim, time.monotonic(), Heartbeat(claim))
    with carrying(job=claim.job_id, chunk=claim.chunk_id, trace_id=claim.trace_id):
        try:
            prepared.parsed = parse_chunk(claim)
        except Exception as fault:
            prepared.fault = fault
    return prepared
