"""A file cannot be read to its end: deleted or replaced. What was counted stays counted, what was not never is."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models.functions import Now

from batches import kinds
from batches.models import ResultFile
from batches.moves.wake import wake_movers
from batches.pipeline.brief_transaction import brief_transaction
from batches.pipeline.bury import bury_file_fault
from batches.pipeline.finish import finish_job
from batches.pipeline.tell import tell_file
from batches.states import ChunkStatus, FileStatus, before
from monitoring import telemetry
from storage.port import ObjectChanged, StorageFault

ADVICE = {
    True: "The new version is a file of its own: the next sweep takes it in and compares its lines with the rows.",
    False: "Put it back and take it in again: lines that were counted then come out as unchanged.",
}


def fail_file(file_id: int, fault: StorageFault) -> None:
    """Abandon the chunks not yet counted, whoever holds them, and say on file and job what happened."""
    with brief_transaction():
        file = ResultFile.objects.select_for_update(of=("self",)).select_related("job").get(pk=file_id)
        if file.status not in before(FileStatus.FAILED):
            return
        total = file.chunks.exclude(status=ChunkStatus.BISECTED).count()
        counted = file.chunks.filter(status=ChunkStatus.DONE).count()
        # A worker that holds one of these loses its lease, and with it the right to commit.
        file.chunks.filter(status__in=before(ChunkStatus.ABANDONED)).update(
            status=ChunkStatus.ABANDONED, leased_until=None, finished_at=Now()
        )
        file.failure = (
            f"{fault} {counted} of its {total} chunks had been counted, the others were not."
            f" {ADVICE[isinstance(fault, ObjectChanged)]}"
        )
        file.status = FileStatus.FAILED
        file.save(update_fields=["failure", "status"])
        ResultFile.objects.filter(pk=file_id).update(finished_at=Now(), images_due_at=None)
        bury_file_fault(file.pk, file.job_id, fault.code, file.failure)
        tell_file(file_id, file.job.kind, failed=True)
        finish_job(file.job_id)
        transaction.on_commit(wake_movers)
        transaction.on_commit(kinds.get(file.job.kind).read)
    telemetry.event("file_failed", level=logging.WARNING, file=file_id, code=fault.code)
