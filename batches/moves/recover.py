"""Moves that a dead worker or a lost message has left lying. Reads the database, and asks storage nothing."""

from __future__ import annotations

from django.db.models.functions import Now

from batches.models import ImageUpload
from batches.moves.claim import MOST_CLAIMS, Image
from batches.moves.copy import NotCopied
from batches.moves.fail import fail_images
from batches.moves.wake import wake_movers
from batches.states import UploadStatus

GAVE_UP = f"Its worker died {MOST_CLAIMS} times while it was being moved."


def recover_moves() -> None:
    """A lease that has run out needs no taking back: its images can be claimed again (`claim`)."""
    give_up()
    wake_movers()


def give_up() -> int:
    """Images that were claimed again and again to no end: what kills its worker must not do so for ever."""
    ImageUpload.objects.filter(status=UploadStatus.COPIED, claims__gte=MOST_CLAIMS, leased_until__lt=Now()).update(
        status=UploadStatus.UNCLEANED, code="worker_died", error=GAVE_UP, lease=None, leased_until=None
    )
    tired = ImageUpload.objects.filter(
        status=UploadStatus.DUE, claims__gte=MOST_CLAIMS, leased_until__lt=Now(), job__isnull=False
    ).select_related("job")[:100]
    return sum(fail_images(upload.lease, [NotCopied(_image(upload), "worker_died", GAVE_UP)]) for upload in tired)


def _image(upload: ImageUpload) -> Image:
    job, due_on = upload.job, upload.due_on
    if job is None or due_on is None:
        raise ValueError(f"Image {upload.pk} is not due.")
    return Image(
        upload.pk, upload.image_id, upload.bucket, upload.key, upload.size, upload.version, due_on, False,
        upload.trace_id, job.pk, job.job_id, upload.user_id, job.trace_id,
    )  # fmt: skip
