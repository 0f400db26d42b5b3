"""One record of an event → the verb it is for. Says what came of it; a fault that may pass is raised."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from batches.doors.message import Record
from batches.event_outcome import EventOutcome
from batches.layout import is_folder, place_of
from batches.models import DeadLetter, ImageUpload, Job, ResultFile
from batches.pipeline.receive import receive, refuse
from batches.pipeline.receive_image import receive_image
from storage import result_storage
from storage.port import ObjectMissing

FOREIGN_BUCKET = (
    "Event for bucket {bucket}, but this installation's bucket is {ours}. Take the notification of {bucket} away, or"
    " set STORAGE_BUCKET."
)
GONE = (
    "{key} was announced, but was not in storage any more when the event was handled: deleted, or moved by somebody"
    " else. If it matters, put it back: that makes an event of its own."
)


class Admitted(NamedTuple):
    """Outcome and ids of one record."""

    outcome: EventOutcome
    job: str = ""
    image: str = ""
    trace: str = ""
    letter: int | None = None


IGNORED = Admitted(EventOutcome.IGNORED)


def admit(record: Record) -> Admitted:
    """Take in what the record is about. StorageAway, ObjectChanged and database faults pass through."""
    if not record.is_creation or is_folder(record.key):
        return IGNORED
    if record.bucket != (ours := result_storage().bucket_name):
        # Anybody who may send to the queue could otherwise make us read any bucket that our credentials open.
        sentence = FOREIGN_BUCKET.format(bucket=record.bucket, ours=ours)
        return _letter(refuse(record.bucket, record.key, record.version, "foreign_bucket", sentence))
    try:
        if record.key.startswith(settings.RESULT_PREFIX):
            return _result(record)
        if record.key.startswith(settings.UPLOAD_PREFIX):
            return _image(record)
    except ObjectMissing:
        return _gone(record)
    return IGNORED


def _result(record: Record) -> Admitted:
    known = ResultFile.objects.filter(bucket=record.bucket, key=record.key, version=record.version)
    if file := known.select_related("job").first():
        return Admitted(EventOutcome.KNOWN, job=file.job.job_id, trace=file.job.trace_id)
    place = place_of(record.key)
    if place and place.is_manifest and _manifest_known(place.job_id, record.version):
        return Admitted(EventOutcome.KNOWN, job=place.job_id)
    received = receive(record.bucket, record.key, door="event")
    if isinstance(received, DeadLetter):
        return _letter(received)
    if received is None:  # a manifest
        return Admitted(EventOutcome.TAKEN_IN, job=place.job_id if place else "")
    return Admitted(EventOutcome.TAKEN_IN, job=received.job.job_id, trace=received.job.trace_id)


def _manifest_known(job_id: str, version: str) -> bool:
    return version != "" and Job.objects.filter(job_id=job_id, manifest_version=version).exists()


def _image(record: Record) -> Admitted:
    received = receive_image(record.bucket, record.key, version=record.version)
    if isinstance(received, DeadLetter):
        return _letter(received)
    outcome = EventOutcome.TAKEN_IN if received.new else EventOutcome.KNOWN
    return Admitted(outcome, image=received.upload.image_id, trace=received.upload.trace_id)


def _gone(record: Record) -> Admitted:
    # S3 is strongly consistent: waiting would not bring it back. An older version that we have is no loss.
    for model in (ResultFile, ImageUpload):
        if model.objects.filter(bucket=record.bucket, key=record.key).exists():
            return Admitted(EventOutcome.KNOWN)
    sentence = GONE.format(key=record.key)
    return _letter(refuse(record.bucket, record.key, record.version, "object_gone", sentence))


def _letter(letter: DeadLetter) -> Admitted:
    return Admitted(EventOutcome.LETTER, letter=letter.pk)
