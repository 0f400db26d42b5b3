"""The batches' figures for `/metrics`, read from the database when asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count

from batches.letters.figures import with_figures
from batches.models import Chunk, ImageUpload, Job, LetterGroup
from batches.states import OPEN_CHUNKS, OPEN_MOVES, JobStatus, UploadStatus
from monitoring.telemetry import Sample, gauge


def register() -> None:
    gauge("nightshelf_open_chunks", "Chunks not yet counted, by state.", ("status",), _open_chunks)
    gauge("nightshelf_open_letters", "Open dead letters, by reason.", ("reason",), _open_letters)
    gauge("nightshelf_image_moves", "Images that wait to be moved, or need a person, by state.", ("status",), _moves)
    gauge("nightshelf_running_jobs", "Jobs whose results are being read.", (), _running_jobs)


def _open_chunks() -> Iterator[Sample]:
    counts = dict.fromkeys(OPEN_CHUNKS, 0)
    rows = Chunk.objects.filter(status__in=OPEN_CHUNKS).order_by().values_list("status").annotate(Count("pk"))
    counts |= dict(rows)
    yield from (Sample({"status": str(status)}, count) for status, count in counts.items())


def _open_letters() -> Iterator[Sample]:
    # From the groups: there may be a million letters, and this is asked for every few seconds.
    counts: Counter[str] = Counter()
    for code, count in with_figures(LetterGroup.objects.all()).order_by().values_list("code", "open_now"):
        counts[code] += count
    yield from (Sample({"reason": code}, count) for code, count in counts.items() if count)


def _moves() -> Iterator[Sample]:
    counts = dict.fromkeys((*OPEN_MOVES, UploadStatus.FAILED, UploadStatus.UNCLEANED), 0)
    # Two statements, an index for each: one condition over all four states would have to look at every image.
    for states in (OPEN_MOVES, (UploadStatus.FAILED, UploadStatus.UNCLEANED)):
        rows = ImageUpload.objects.filter(status__in=states).order_by().values_list("status").annotate(Count("pk"))
        counts |= dict(rows)
    yield from (Sample({"status": str(status)}, count) for status, count in counts.items())


def _running_jobs() -> Iterator[Sample]:
    yield Sample({}, Job.objects.filter(status=JobStatus.RUNNING).count())
