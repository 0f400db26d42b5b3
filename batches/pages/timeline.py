"""What happened to a job, in order, with the time from one step to the next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Min

from batches.models import Chunk, Job
from batches.pages.files import FileRow
from batches.states import ChunkStatus, FileStatus
from pages.figures import tone


class Moment(NamedTuple):
    at: datetime
    what: str
    detail: str = ""
    tone: str = "calm"
    since: timedelta | None = None


def timeline_of(job: Job, files: list[FileRow]) -> list[Moment]:
    moments = [Moment(job.created_at, "Job known"), *_of_files(files), *_of_chunks(job)]
    if job.finished_at:
        moments.append(Moment(job.finished_at, job.get_status_display(), tone=tone(job.status)))
    moments.sort(key=lambda moment: moment.at)
    earlier = [None, *moments[:-1]]
    return [
        moment._replace(since=moment.at - before.at if before else None)
        for moment, before in zip(moments, earlier, strict=True)
    ]


def _of_files(files: list[FileRow]) -> list[Moment]:
    received = [Moment(row.file.received_at, f"Received by {row.file.door}", row.name) for row in files]
    ended = [
        Moment(
            row.file.finished_at,
            f"File {row.file.get_status_display().lower()}",
            f"{row.name} · {row.rate:,.0f} lines/s" if row.rate else row.name,
            "bad" if row.file.status == FileStatus.FAILED else "good",
        )
        for row in files
        if row.file.finished_at
    ]
    return received + ended


def _of_chunks(job: Job) -> list[Moment]:
    done = Chunk.objects.filter(job=job, status=ChunkStatus.DONE).aggregate(
        first=Min("finished_at"), last=Max("finished_at")
    )
    if not done["first"]:
        return []
    first = Moment(done["first"], "First chunk counted", tone="busy")
    return (
        [first] if done["first"] == done["last"] else [first, Moment(done["last"], "Latest chunk counted", tone="busy")]
    )
