"""A result file has landed: job and file become known, once per bucket + key + version, and its chunks are made.

All doors end here. The event doors know no more than the object; ingest and upload name the job themselves.
"""

from __future__ import annotations

from django.db import transaction

from batches import kinds
from batches.layout import place_of
from batches.letters.close import close_letters
from batches.letters.write_letter import write_letter
from batches.models import DeadLetter, Job, ResultFile
from batches.pipeline.brief_transaction import brief_transaction
from batches.pipeline.finish import finish_file
from batches.pipeline.manifest import read_manifest
from batches.pipeline.split import split_file
from batches.pipeline.start_job import start_job
from batches.pipeline.wake import wake_workers
from batches.states import LetterKind, LetterStatus, before
from monitoring import telemetry
from storage import result_storage
from storage.port import Stat

UNKNOWN_JOB_CODE = "unknown_job"
UNEXPECTED_KEY = (
    "{key} is not of the form batch-output/{{job}}/{{file}}.jsonl[.gz][.out]: move it where it belongs, or delete it."
)
UNKNOWN_JOB = (
    "Job {job} is not known, so {key} has no user and no intent. If it is ours, take it in with:"
    " manage.py ingest s3://{bucket}/{key} --job {job} --kind receipts (or products, stock_counts)"
)


def receive(bucket: str, key: str, *, door: str, stat: Stat | None = None) -> ResultFile | DeadLetter | None:
    """Take in an object by its key alone (event, sweep). None for a manifest, a letter for what cannot be placed.

    ObjectMissing and StorageAway pass through: whoever brought the event keeps it and tries again.
    """
    stat = stat or result_storage(bucket).stat(key)
    place = place_of(key)
    if place is None:
        return refuse(bucket, key, stat.version, "unexpected_key", UNEXPECTED_KEY.format(key=key))
    job = Job.objects.filter(job_id=place.job_id).first()
    if job is None:
        message = UNKNOWN_JOB.format(job=place.job_id, bucket=bucket, key=key)
        return refuse(bucket, key, stat.version, UNKNOWN_JOB_CODE, message)
    _resolve_early_letter(source_of(bucket, key, stat.version))
    if place.is_manifest:
        read_manifest(job, bucket, key, stat.version)
        return None
    return receive_for(job, bucket, key, stat, door=door)


def receive_for(job: Job, bucket: str, key: str, stat: Stat, *, door: str) -> ResultFile:
    """Take in an object for a job that is known. Landing again changes nothing and returns the same file."""
    with telemetry.span("receive", trace_id=job.trace_id, job=job.pk, door=door):
        return _received(job, bucket, key, stat, door)


def _received(job: Job, bucket: str, key: str, stat: Stat, door: str) -> ResultFile:
    with brief_transaction():
        # The job's row is locked before its files are looked at: a job that is just finishing waits, or is reopened.
        job = Job.objects.select_for_update().get(pk=job.pk)
        file, created = ResultFile.objects.get_or_create(
            bucket=bucket,
            key=key,
            version=stat.version,
            defaults={"job": job, "size": stat.size, "door": door, "fresh": _is_fresh(job)},
        )
        if created:
            start_job(job)
            with telemetry.span("split", bytes=stat.size):
                chunks = split_file(file)
            transaction.on_commit(lambda: wake_workers(chunks))
    if created:
        telemetry.event("file_received", job=job.job_id, key=key, size=stat.size, chunks=chunks, trace_id=job.trace_id)
        finish_file(file.pk)
    return file


def _is_fresh(job: Job) -> bool:
    return not job.files.exists() and not kinds.get(job.kind).model._default_manager.filter(job=job).exists()


def source_of(bucket: str, key: str, version: str) -> str:
    """What a letter of kind event is about."""
    return f"{bucket}/{key}@{version}"


def _resolve_early_letter(source: str) -> None:
    # The object had come before its job was known.
    letters = DeadLetter.objects.filter(kind=LetterKind.EVENT, source=source, code=UNKNOWN_JOB_CODE)
    if ids := list(letters.filter(status__in=before(LetterStatus.RESOLVED)).values_list("pk", flat=True)):
        with brief_transaction():
            close_letters(ids, LetterStatus.RESOLVED, event="resolved", message="Its job became known.")


def refuse(bucket: str, key: str, version: str, code: str, message: str) -> DeadLetter:
    """A letter for what cannot be placed, however often it is announced or swept."""
    place = place_of(key)
    letter, created = write_letter(
        {"kind": LetterKind.EVENT, "source": source_of(bucket, key, version), "code": code},
        particulars=(f"s3://{bucket}/{key}", key, place.job_id if place else ""),
        message=message,
        excerpt=key[:500],
    )
    if created:
        telemetry.event("event_refused", code=code, letter=letter.pk)
    return letter
