"""The half of a chunk's work that needs no transaction: its bytes are read and decoded, and its lease kept alive."""

from __future__ import annotations

import time
from dataclasses import dataclass

from batches.pipeline.claim import Claim, claim_chunk
from batches.pipeline.heartbeat import Heartbeat
from batches.pipeline.parse import Parsed, parse_chunk
from monitoring import telemetry
from monitoring.context import carrying
from monitoring.traces.spans import Step


@dataclass
class Prepared:
    """A claimed chunk, decoded or failed. Its heart beats until `close`; `step`, of the job's trace, is ended last."""

    claim: Claim
    began: float  # time.monotonic()
    heartbeat: Heartbeat
    step: Step
    parsed: Parsed | None = None
    fault: Exception | None = None

    def close(self) -> None:
        self.heartbeat.stop()
        if self.parsed is not None:
            self.parsed.spool.close()


def prepare_next(*, suspects: bool = True) -> Prepared | None:
    """Claim the next chunk (see `claim_chunk`) and decode it; None when no chunk is pending."""
    began = time.time_ns()
    claim = claim_chunk(suspects=suspects)
    return prepare(claim, began) if claim else None


def prepare(claim: Claim, began: int | None = None) -> Prepared:
    """Decode a claimed chunk. What goes wrong is kept for whoever brings it in: there it is decided what it means.

    `began`: when it began to be claimed, in nanoseconds since 1970.
    """
    step = _step(claim, began)
    prepared = Prepared(claim, time.monotonic(), Heartbeat(claim), step)
    with step.inside(), carrying(job=claim.job_id, chunk=claim.chunk_id, trace_id=claim.trace_id):
        try:
            with telemetry.span("parse"):
                prepared.parsed = parse_chunk(claim)
        except Exception as fault:
            prepared.fault = fault
    return prepared


def _step(claim: Claim, began: int | None) -> Step:
    ids = {"chunk": claim.chunk_id, "lease": claim.lease, "bytes": claim.end - claim.start, "results": claim.kind}
    step = telemetry.begin("chunk", trace_id=claim.trace_id, job=claim.job_pk, began=began, **ids)
    if began is not None:
        with step.inside():
            telemetry.begin("claim", began=began).end()
    return step
