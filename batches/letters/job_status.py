"""A job is "finished with dead letters" as long as one of its letters is open: resolved, replaced or discarded ones
are no reason to look again. A job that is running or failed is not touched: it gets its state from `finish`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Exists, OuterRef

from batches.models import DeadLetter, Job
from batches.states import JobStatus, LetterStatus

# As `finish_job` does, before it looks at the letters; but new letters and files may refer to the job meanwhile.
LOCK = """
    SELECT id FROM batches_job
    WHERE id IN (SELECT job_id FROM batches_deadletter WHERE id = ANY(%s) AND job_id IS NOT NULL)
    ORDER BY id FOR NO KEY UPDATE"""


def lock_jobs(letter_ids: Sequence[int]) -> list[int]:
    """Hold the jobs of these letters, in the order of their ids, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(letter_ids)])
        return [pk for (pk,) in cursor.fetchall()]


def settle_jobs(job_pks: Iterable[int]) -> None:
    """The state that follows from the letters. The jobs are locked by the caller."""
    held = Job.objects.filter(pk__in=list(job_pks))
    waiting = Exists(DeadLetter.objects.filter(job=OuterRef("pk"), status=LetterStatus.OPEN))
    held.filter(~waiting, status=JobStatus.WITH_LETTERS).update(status=JobStatus.FINISHED)
    held.filter(waiting, status=JobStatus.FINISHED).update(status=JobStatus.WITH_LETTERS)
