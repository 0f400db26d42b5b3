"""What became of a batch's images: one statement for all of them, and only under the lease they were claimed with.

Their figures are of the same transaction.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from batches.letters.close import close_letters
from batches.models import DeadLetter, ImageUpload
from batches.moves.copy import Copied
from batches.moves.tell import tell_images
from batches.pipeline.brief_transaction import brief_transaction
from batches.states import LetterKind, LetterStatus, UploadStatus, before
from monitoring import telemetry
from storage.port import StorageFault

COPIED = """
    UPDATE batches_imageupload AS upload SET status = 'copied', moved_key = made.key, size = made.size, moved_at = now()
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS made (id, key, size)
    WHERE upload.id = made.id AND upload.lease = %s AND upload.status = ANY(%s)
    RETURNING upload.id"""
UNCLEANED = """
    UPDATE batches_imageupload AS upload
    SET status = 'uncleaned', code = fault.code, error = fault.error, lease = NULL, leased_until = NULL
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS fault (id, code, error)
    WHERE upload.id = fault.id AND upload.lease = %s AND upload.status = ANY(%s)"""


def record_copied(lease: uuid.UUID, copies: Sequence[Copied]) -> list[Copied]:
    """Those that are ours still: only their sources may be deleted.

    Before the deleting, so that a worker killed behind it leaves a row that says: the copy was verified.
    """
    known = [copied for copied in copies if not copied.anew]
    ours = set(_held(lease, known)) if known else set()
    if made := [copied for copied in copies if copied.anew]:
        values: list[Any] = [
            [copied.image.pk for copied in made],
            [copied.key for copied in made],
            [c.size for c in made],
        ]
        with connection.cursor() as cursor:
            cursor.execute(COPIED, [*values, lease, before(UploadStatus.COPIED)])
            ours |= {pk for (pk,) in cursor.fetchall()}
    return [copied for copied in copies if copied.image.pk in ours]


def record_moved(lease: uuid.UUID, copies: Sequence[Copied]) -> int:
    """All is done; a letter about an earlier failure is answered by it."""
    with brief_transaction():
        moved = ImageUpload.objects.filter(
            pk__in=[copied.image.pk for copied in copies], lease=lease, status__in=before(UploadStatus.MOVED)
        ).update(status=UploadStatus.MOVED, code="", error="", lease=None, leased_until=None)
        answered = DeadLetter.objects.filter(
            kind=LetterKind.IMAGE,
            status=LetterStatus.OPEN,
            record_id__in=[copied.image.image_id for copied in copies],
        )
        close_letters(
            answered.values_list("pk", flat=True), LetterStatus.RESOLVED, event="moved", message="The image was moved."
        )
        tell_images(moved)
    return moved


def record_uncleaned(lease: uuid.UUID, copies: Sequence[Copied], faults: Mapping[int, StorageFault]) -> None:
    """Copied, but the source is still there: for a person to clean (Y9)."""
    left = [copied.image for copied in copies if copied.image.pk in faults]
    told = [faults[image.pk] for image in left]
    values: list[Any] = [[image.pk for image in left], [fault.code for fault in told], [str(fault) for fault in told]]
    with brief_transaction(), connection.cursor() as cursor:
        cursor.execute(UNCLEANED, [*values, lease, before(UploadStatus.UNCLEANED)])
        tell_images(cursor.rowcount, failed=cursor.rowcount)
    for image, fault in zip(left, told, strict=True):
        telemetry.event(
            "image_source_left", level=logging.WARNING, image=image.image_id, job=image.job_id, code=fault.code,
            trace_id=image.trace_id,
        )  # fmt: skip


def _held(lease: uuid.UUID, copies: Sequence[Copied]) -> list[int]:
    pks = [copied.image.pk for copied in copies]
    held = ImageUpload.objects.filter(pk__in=pks, lease=lease, status=UploadStatus.COPIED, leased_until__gt=Now())
    return list(held.values_list("pk", flat=True))
