"""A file was read to its end: the images of its rows are to be moved.

Of its rows, not of its dead lines: an image whose line is dead stays under `uploads/`, which does not expire, until the
letter was put right and the line became a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from batches.models import Chunk, ResultFile
from batches.pipeline.brief_transaction import brief_transaction
from batches.states import ChunkStatus, FileStatus
from monitoring import telemetry

LINES_PER_UPDATE = 20_000
IMAGES_PER_UPDATE = 5_000
MARK_ROWS = """
    UPDATE batches_imageupload AS upload SET status = 'due', due_on = %s, job_id = row.job_id
    FROM batches_transaction AS row
    WHERE row.job_id = %s AND row.chunk_id = %s AND row.line > %s AND row.line <= %s
        AND upload.image_id = row.image_id AND upload.status = 'uploaded'"""
# Ordered and bounded: two that do this at once wait for each other, and never in a circle.
MARK_LATE = """
    UPDATE batches_imageupload AS upload SET status = 'due', due_on = %s, job_id = late.job_id
    FROM (
        SELECT waiting.id, read.job_id FROM batches_imageupload AS waiting, LATERAL (
            SELECT row.job_id FROM batches_transaction AS row
            JOIN batches_chunk AS chunk ON chunk.id = row.chunk_id
            JOIN batches_resultfile AS file ON file.id = chunk.file_id
            WHERE row.image_id = waiting.image_id AND file.status <> 'reading' LIMIT 1
        ) AS read
        WHERE waiting.status = 'uploaded' {which} ORDER BY waiting.id LIMIT %s FOR UPDATE OF waiting SKIP LOCKED
    ) AS late WHERE upload.id = late.id"""


def files_to_start() -> Iterator[int]:
    """Files that are not being read any more, and whose images nobody has marked yet."""
    files = ResultFile.objects.filter(~Q(status=FileStatus.READING), images_due_at=None)
    yield from files.order_by("pk").values_list("pk", flat=True)


def start_file(file_id: int) -> int:
    """Mark the images of the file's rows and return their number. Interrupted, the next one goes on.

    A failed file's rows as well: what was counted stays counted, so those receipts were read.
    """
    # When it is finished once more meanwhile, with the halves of a poisoned chunk, those have to be gone through too.
    finished_at = ResultFile.objects.filter(pk=file_id).values_list("finished_at", flat=True).first()
    marked = 0
    for chunk_id, lines in _chunks(file_id):
        for after in range(0, lines, LINES_PER_UPDATE):
            marked_now = _mark(file_id, chunk_id, after)
            if marked_now is None:
                return marked  # somebody else is at it, or it is being read again
            marked += marked_now
    not_read = ResultFile.objects.exclude(status=FileStatus.READING)
    not_read.filter(pk=file_id, finished_at=finished_at, images_due_at=None).update(images_due_at=Now())
    if marked:
        telemetry.event("images_due", file=file_id, images=marked)
    return marked


def start_late(image_ids: Collection[str] | None = None) -> int:
    """Images whose upload was told only after their receipt had been read, or whose dead line became a row since.

    All of them, or those named. Return how many.
    """
    which = "" if image_ids is None else "AND waiting.image_id = ANY(%s)"
    values: list[Any] = [timezone.localdate(), *([] if image_ids is None else [list(image_ids)]), IMAGES_PER_UPDATE]
    total = 0
    while marked := _mark_late(which, values):
        total += marked
    return total


def _mark_late(which: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(MARK_LATE.format(which=which), values)
        return int(cursor.rowcount)


def _chunks(file_id: int) -> list[tuple[int, int]]:
    done = Chunk.objects.filter(file=file_id, status=ChunkStatus.DONE).order_by("start")
    return list(done.values_list("pk", "physical_lines"))


def _mark(file_id: int, chunk_id: int, after: int) -> int | None:
    """A page of a chunk's rows. None when the file is not to be started, or is being started by somebody else."""
    with brief_transaction():
        # Two that mark the same images at once could wait for each other in a circle: the file is locked for one.
        files = ResultFile.objects.select_for_update(skip_locked=True, no_key=True)
        file = files.filter(pk=file_id, images_due_at=None).exclude(status=FileStatus.READING).first()
        if file is None:
            return None
        day = timezone.localdate(file.finished_at)
        with connection.cursor() as cursor:
            cursor.execute(MARK_ROWS, [day, file.job_id, chunk_id, after, after + LINES_PER_UPDATE])
            return int(cursor.rowcount)
