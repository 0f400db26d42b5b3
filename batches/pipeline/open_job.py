"""Make a job known, with its user and intent (Y6). Done twice, it is done once."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from batches import kinds
from batches.layout import JOB_ID
from batches.models import Job
from monitoring import telemetry


class Refused(Exception):
    """The request cannot be carried out; the text says what to do instead."""


def open_job(job_id: str, *, kind: str, user_id: str, intent_id: str = "", model_id: str = "") -> Job:
    """The job of that id, created when it is new. Refused when it exists with another kind, user or intent."""
    if not JOB_ID.fullmatch(job_id):
        raise Refused(f"Job id {job_id[:80]!r} is not usable: up to 200 letters, digits, '.', '_', ':' and '-'.")
    if kind not in kinds.names():
        raise Refused(f"Kind {kind!r} is not known: use one of {', '.join(kinds.names())}.")
    wanted = {"kind": kind, "user_id": user_id, "intent_id": intent_id or job_id, "model_id": model_id}
    try:
        with transaction.atomic():
            # Not called when the job is there: the trace is given to one that begins.
            defaults = {**wanted, "trace_id": telemetry.new_trace}
            job, created = Job.objects.get_or_create(job_id=job_id, defaults=defaults)
    except IntegrityError:
        raise Refused(f"Intent {wanted['intent_id']!r} already belongs to another job.") from None
    if created:
        # What is done for the job later, by whomever, hangs on this.
        telemetry.begin("open job", trace_id=job.trace_id, job=job.pk, anchor=True).end()
    else:
        _same(job, kind=kind, user_id=user_id, intent_id=intent_id)
    return job


def _same(job: Job, **asked: str) -> None:
    # Same key, other content is a conflict to report, not a replay to swallow. What was not said is not compared.
    for name, value in asked.items():
        known = getattr(job, name)
        if value and value != known:
            raise Refused(f"Job {job.job_id} exists with {name} {known!r}, not {value!r}: use another job id.")
