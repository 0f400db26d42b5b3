"""A job runs: its first file was received, a further one, or a part of one is to be read again."""

from __future__ import annotations

from django.db.models.functions import Now

from batches.models import Job
from batches.states import JobStatus, before


def start_job(job: Job) -> None:
    """The job is running. Inside the caller's transaction, which holds the job's row (see `finish_job`)."""
    Job.objects.filter(pk=job.pk, status__in=before(JobStatus.RUNNING)).update(
        status=JobStatus.RUNNING, started_at=job.started_at or Now(), finished_at=None
    )
