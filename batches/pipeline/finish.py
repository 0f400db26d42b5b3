"""The last chunk of a file is done: the file is finished, and with its last file the job.

Safe to call at any time, by anybody, any number of times: each step is a conditional UPDATE.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from batches import kinds
from batches.letters.roll_up import roll_up
from batches.models import Chunk, DeadLetter, Job, ResultFile
from batches.moves.wake import wake_movers
from batches.pipeline.brief_transaction import brief_transaction
from batches.pipeline.bury import bury_file_fault
from batches.pipeline.forget_unchanged import forget_unchanged
from batches.pipeline.tell import tell_file
from batches.states import OPEN_CHUNKS, FileStatus, JobStatus, LetterStatus, before
from monitoring import telemetry


def finish_file(file_id: int) -> None:
    """Finish the file if none of its chunks is open any more, and then its job likewise."""
    with telemetry.span("finish"):
        _finish_file(file_id)


def _finish_file(file_id: int) -> None:
    with brief_transaction():
        open_chunks = Chunk.objects.filter(file=OuterRef("pk"), status__in=OPEN_CHUNKS)
        finished = ResultFile.objects.filter(
            ~Exists(open_chunks), pk=file_id, status__in=before(FileStatus.FINISHED)
        ).update(status=FileStatus.FINISHED, finished_at=Now(), images_due_at=None)
        if not finished:
            return
        file = ResultFile.objects.select_related("job").get(pk=file_id)
        _tell_of_emptiness(file)
        tell_file(file_id, file.job.kind)
        finish_job(file.job_id)
        # Not before this is committed: until then the file is being read, and its images are nobody's to move.
        transaction.on_commit(wake_movers)
        transaction.on_commit(kinds.get(file.job.kind).read)
        # A figure is exact without it: what goes wrong in it is logged, and the file is finished all the same.
        transaction.on_commit(roll_up, robust=True)
    telemetry.event("file_finished", job=file.job.job_id, file=file_id, trace_id=file.job.trace_id)


def finish_job(job_pk: int) -> None:
    """Finish the job if none of its files is being read any more. Inside the caller's transaction."""
    # `receive` takes the same lock before it adds a file: a job is not finished while another file is coming in.
    Job.objects.select_for_update().get(pk=job_pk)
    files = ResultFile.objects.filter(job=job_pk)
    if files.filter(status=FileStatus.READING).exists():
        return
    forget_unchanged(job_pk)
    status = _status(job_pk, failed=files.filter(~Exists(_newer_version()), status=FileStatus.FAILED).exists())
    Job.objects.filter(pk=job_pk, status__in=before(status)).update(status=status, finished_at=Now())


def _newer_version() -> QuerySet[ResultFile]:
    """A later version of the same object that was read to its end: it stands for the one that was replaced."""
    same = ResultFile.objects.filter(job=OuterRef("job"), bucket=OuterRef("bucket"), key=OuterRef("key"))
    return same.filter(pk__gt=OuterRef("pk"), status=FileStatus.FINISHED)


def _status(job_pk: int, *, failed: bool) -> JobStatus:
    if failed:
        return JobStatus.FAILED
    # A letter that was put right (a bisected range), tried again or given up is no reason to look again.
    waiting = DeadLetter.objects.filter(job=job_pk, status=LetterStatus.OPEN)
    return JobStatus.WITH_LETTERS if waiting.exists() else JobStatus.FINISHED


def _tell_of_emptiness(file: ResultFile) -> None:
    if file.size == 0:
        message = (
            f"{file.key} is empty (0 bytes): the batch wrote no results. Look at the batch's own status and manifest."
        )
        bury_file_fault(file.pk, file.job_id, "empty_file", message)
