"""Take the next images: leased to this process as a batch, under a token of its own."""

from __future__ import annotations

import uuid
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from batches.models import ImageUpload
from batches.pipeline.claim import lease_end
from batches.states import OPEN_MOVES, UploadStatus

IMAGES_PER_BATCH = 256
# A worker that dies takes its batch's claims along; an image that was claimed so often is what kills them.
MOST_CLAIMS = 10
# One statement, so one transaction that the server ends by itself: a worker stopped here holds no lock. A lease that
# has run out is no obstacle: nobody has to take it back first.
CLAIM = """
    UPDATE batches_imageupload AS upload SET lease = %s, claims = claims + 1,
        leased_until = now() + make_interval(secs => %s)
    FROM (
        SELECT id FROM batches_imageupload
        WHERE status IN ('due', 'copied') AND (leased_until IS NULL OR leased_until < now()) AND claims < %s
        ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) AS next, batches_job AS job
    WHERE upload.id = next.id AND job.id = upload.job_id
    RETURNING upload.id, upload.image_id, bucket, key, size, version, due_on, upload.status = 'copied',
        encode(upload.trace_id, 'hex'), upload.job_id, job.job_id, upload.user_id,
        encode(job.trace_id, 'hex')"""


class Image(NamedTuple):
    """All that is needed to move one. `copied`: its copy was verified once, only its source is still there."""

    pk: int
    image_id: str
    bucket: str
    key: str
    size: int | None
    version: str
    due_on: date
    copied: bool
    trace_id: str
    job_pk: int
    job_id: str
    user_id: str
    job_trace_id: str


class Batch(NamedTuple):
    lease: uuid.UUID
    images: list[Image]


def claim_batch() -> Batch | None:
    """The next images to be moved, or None."""
    lease = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [lease, settings.LEASE_SECONDS, MOST_CLAIMS, IMAGES_PER_BATCH])
        images = [Image(*row) for row in cursor.fetchall()]
    return Batch(lease, sorted(images)) if images else None


def renew(lease: uuid.UUID, pks: list[int]) -> None:
    """Of those that are still to be done under it."""
    held = ImageUpload.objects.filter(pk__in=pks, lease=lease, status__in=OPEN_MOVES)
    held.update(leased_until=lease_end())


def release(lease: uuid.UUID, pks: list[int]) -> None:
    """Give back what will not be settled: the next one need not wait until the lease has run out."""
    held = ImageUpload.objects.filter(pk__in=pks, lease=lease, status__in=OPEN_MOVES)
    held.update(lease=None, leased_until=None)


def claimable() -> int:
    """How many could be claimed now; counted no further than is of use."""
    waiting = ImageUpload.objects.filter(status__in=[UploadStatus.DUE, UploadStatus.COPIED], claims__lt=MOST_CLAIMS)
    free = waiting.filter(leased_until=None) | waiting.filter(leased_until__lt=Now())
    return free[: 16 * IMAGES_PER_BATCH].count()
