"""The same record in two chunks of one file: the later line wins, and the counters say so whoever commits first.

Called under the job's merge lock, so no sibling is being counted meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db.models import F, Q

from batches.kinds.kind import Row
from batches.models import Chunk
from batches.pipeline.claim import Claim
from batches.pipeline.settle import Known
from batches.pipeline.tally import Tally

ID_BYTES = 12


def repeated_later(claim: Claim, rows: list[Row]) -> set[bytes]:
    """Ids of rows that a later line of the job has already found unchanged: that later line is the one that holds."""
    later = Q(file_id=claim.file_id, start__gt=claim.start) | Q(file_id__gt=claim.file_id)
    return {id for _, ids in _repeated(claim, rows, later) for id in ids}


def demote_repeated(claim: Claim, rows: list[Row], tally: Tally) -> None:
    """Earlier chunks of the file, or batches of this one, counted these ids as unchanged; now they are superseded."""
    wanted = {row.id for row in rows}
    here = sum(id in wanted for id in _ids(tally.unchanged_ids)) if wanted else 0
    tally.unchanged -= here
    tally.superseded += here
    for chunk_id, ids in _repeated(claim, rows, Q(file_id=claim.file_id, start__lt=claim.start)):
        Chunk.objects.filter(pk=chunk_id).update(
            unchanged=F("unchanged") - len(ids), superseded=F("superseded") + len(ids)
        )


def demote_owners(claim: Claim, taken_over: Iterable[Known], tally: Tally) -> None:
    """This chunk's lines are counted in place of the ones that wrote the rows before; those are superseded.

    A row at its first revision was inserted by this very file, any other was updated by it.
    """
    owners = Counter((known.chunk_id, "inserted" if known.revision == 1 else "updated") for known in taken_over)
    for (chunk_id, name), count in sorted(owners.items()):
        if chunk_id == claim.chunk_id:
            tally.superseded += count  # the earlier line's count stays, now standing for the later one
            continue
        setattr(tally, name, getattr(tally, name) + count)
        Chunk.objects.filter(pk=chunk_id).update(**{name: F(name) - count, "superseded": F("superseded") + count})


def _repeated(claim: Claim, rows: list[Row], which: Q) -> Iterator[tuple[int, set[bytes]]]:
    wanted = {row.id for row in rows}
    if not wanted:
        return
    siblings = Chunk.objects.filter(which, job_id=claim.job_pk, unchanged_ids__isnull=False)
    for chunk_id, blob in siblings.values_list("pk", "unchanged_ids").iterator(chunk_size=1):
        if ids := wanted.intersection(_ids(blob or b"")):
            yield chunk_id, ids


def _ids(blob: bytes | bytearray | memoryview) -> Iterator[bytes]:
    found = bytes(blob)
    return (found[at : at + ID_BYTES] for at in range(0, len(found), ID_BYTES))
