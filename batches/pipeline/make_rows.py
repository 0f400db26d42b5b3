"""Decoded lines become rows that are ready to be written, still outside any transaction."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from batches import kinds
from batches.formats.rejection import Rejection
from batches.kinds.kind import Kind, Owner, Source
from batches.pipeline.bury import group_lines
from batches.pipeline.claim import Claim
from batches.pipeline.spool import Batch, Dead


def make_rows(claim: Claim, numbers: list[int], records: list[Any], dead: list[Dead]) -> Batch:
    """The batch of these lines: `numbers` are those of `records`. Of the same record twice the later line wins."""
    kind = kinds.get(claim.kind)
    if kind.refuse is not None:
        numbers, records, refused = _refused(kind, numbers, records)
        dead = dead + refused
    owners = kind.owners(records, [line.record_id for line in dead])
    made = kind.rows(source_of(claim), zip(numbers, records, strict=True), owners)
    rows = {row.id: row for row in made}
    nobody = Owner(claim.user_id, "")
    for line in dead:
        line.user_id, line.trace_id = owners.get(line.record_id, nobody)
    group_lines(dead)
    # Sorted, the rows of one page of the key's index are written together.
    return Batch(sorted(rows.values(), key=attrgetter("id")), len(records) - len(rows), dead)


def source_of(claim: Claim) -> Source:
    return Source(claim.job_pk, claim.job_id, claim.chunk_id, claim.user_id)


def _refused(kind: Kind, numbers: list[int], records: list[Any]) -> tuple[list[int], list[Any], list[Dead]]:
    """The lines that may become rows, and those that are dead for what only the database knows."""
    refused = kind.refuse(records) if kind.refuse is not None else {}
    dead = [_dead(numbers[at], records[at], why) for at, why in refused.items()]
    kept = [at for at in range(len(records)) if at not in refused]
    return [numbers[at] for at in kept], [records[at] for at in kept], dead


def _dead(number: int, record: Any, why: Rejection) -> Dead:
    reason = (why.code, why.field, why.message, why.excerpt, why.record_id)
    return Dead(number, record.offset, record.length, *reason)
