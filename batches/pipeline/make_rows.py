"""Decoded lines become rows that are ready to be written, still outside any transaction."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from batches import kinds
from batches.kinds.kind import Owner, Source
from batches.pipeline.bury import group_lines
from batches.pipeline.by_key import rows_by_key
from batches.pipeline.claim import Claim
from batches.pipeline.spool import Batch, Dead

OWNERS = "SELECT image_id, user_id, trace_id FROM batches_imageupload WHERE image_id = ANY(%b)"


def make_rows(claim: Claim, numbers: list[int], records: list[Any], dead: list[Dead]) -> Batch:
    """The batch of these lines: `numbers` are those of `records`. Of the same record twice the later line wins."""
    owners = _owners([record.image_id for record in records] + [line.record_id for line in dead])
    made = kinds.get(claim.kind).rows(source_of(claim), zip(numbers, records, strict=True), owners)
    rows = {row.id: row for row in made}
    nobody = Owner(claim.user_id, "")
    for line in dead:
        line.user_id, line.trace_id = owners.get(line.record_id, nobody)
    group_lines(dead)
    # Sorted, the rows of one page of the key's index are written together.
    return Batch(sorted(rows.values(), key=attrgetter("id")), len(records) - len(rows), dead)


def source_of(claim: Claim) -> Source:
    return Source(claim.job_pk, claim.job_id, claim.chunk_id, claim.user_id)


def _owners(images: Iterable[str]) -> dict[str, Owner]:
    found = rows_by_key(OWNERS, list(images))
    return {image_id: Owner(user_id, trace_id.hex()) for image_id, user_id, trace_id in found}
