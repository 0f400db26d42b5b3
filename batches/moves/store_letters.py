"""Each image's dead letter, in storage too: `dead-letters/{jobId}/{timestamp}.json` (Y9). The database is the truth.

After commit, and again by whoever comes next until it is said to be there: the name follows from the row, so writing
it twice is writing it once.
"""

from __future__ import annotations

import io
import json
import logging

from django.db.models import QuerySet
from django.utils import timezone

from batches.identity import receipt_digest
from batches.layout import dead_letter_key
from batches.models import ImageUpload
from batches.states import UploadStatus
from monitoring import telemetry
from storage import result_storage
from storage.port import StorageFault

LETTERS_PER_LOOK = 500


def letters_to_store() -> QuerySet[ImageUpload]:
    return ImageUpload.objects.filter(status=UploadStatus.FAILED, letter_key="")


def store_letters() -> int:
    """Write those that are missing, and return how many. With storage away, the next look goes on."""
    stored = 0
    for upload in letters_to_store().select_related("job").order_by("pk")[:LETTERS_PER_LOOK]:
        if upload.job is None or upload.failed_at is None:
            continue
        key = dead_letter_key(upload.job.job_id, upload.failed_at, upload.pk)
        try:
            result_storage().put(key, io.BytesIO(_content(upload, upload.job.job_id)))
        except StorageFault as fault:
            telemetry.event("letter_not_stored", level=logging.WARNING, image=upload.image_id, code=fault.code)
            return stored
        # Not when it was moved again, and failed again, meanwhile: that is another letter.
        stored += ImageUpload.objects.filter(pk=upload.pk, failed_at=upload.failed_at, letter_key="").update(
            letter_key=key
        )
    return stored


def _content(upload: ImageUpload, job_id: str) -> bytes:
    told = {
        "imageId": upload.image_id,
        "error": upload.error,
        "timestamp": timezone.localtime(upload.failed_at).isoformat(),
        "code": upload.code,
        "jobId": job_id,
        "transactionId": receipt_digest(job_id, upload.image_id)[:12].hex(),
        "traceId": upload.trace_id,
        "bucket": upload.bucket,
        "key": upload.key,
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
