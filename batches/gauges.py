"""The batches' figures for `/metrics`, read from the database when asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from batches.letters.figures import with_figures
from batches.models import Chunk, EventCount, ImageUpload, Job, LetterGroup, QueueLook, SweepCursor
from batches.states import OPEN_CHUNKS, OPEN_MOVES, JobStatus, UploadStatus
from monitoring.telemetry import Sample, gauge


def register() -> None:
    gauge("nightshelf_open_chunks", "Chunks not yet counted, by state.", ("status",), _open_chunks)
    gauge("nightshelf_open_letters", "Open dead letters, by reason.", ("reason",), _open_letters)
    gauge("nightshelf_image_moves", "Images that wait to be moved, or need a person, by state.", ("status",), _moves)
    gauge("nightshelf_running_jobs", "Jobs whose results are being read.", (), _running_jobs)
    gauge("nightshelf_event_records", "Records of event messages handled, by outcome.", ("queue", "outcome"), _events)
    gauge("nightshelf_queue_messages", "Messages waiting and in hand at the last look.", ("queue", "state"), _depths)
    gauge(
        "nightshelf_dead_queue_messages",
        "Messages in a dead-letter queue before and after it was last drained.",
        ("queue", "moment"),
        _dead_depths,
    )
    gauge("nightshelf_dead_queue_drained", "Messages moved from it into the database, ever.", ("queue",), _drained)
    gauge("nightshelf_dead_queue_oldest_seconds", "Age of the oldest one found there last.", ("queue",), _oldest)
    gauge("nightshelf_queue_look_seconds", "How long ago the queue answered.", ("queue",), _last_answers)
    gauge("nightshelf_sweep_pass_seconds", "How long ago the end of the prefix was reached.", ("prefix",), _passes)


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


def _events() -> Iterator[Sample]:
    for row in EventCount.objects.all():
        yield Sample({"queue": row.queue, "outcome": row.outcome}, row.count)


def _depths() -> Iterator[Sample]:
    for look in QueueLook.objects.filter(dead=False):
        yield Sample({"queue": look.queue, "state": "waiting"}, look.depth)
        yield Sample({"queue": look.queue, "state": "in_flight"}, look.in_flight)


def _dead_depths() -> Iterator[Sample]:
    for look in QueueLook.objects.filter(dead=True):
        yield Sample({"queue": look.queue, "moment": "before"}, look.depth)
        yield Sample({"queue": look.queue, "moment": "after"}, look.depth_after)


def _drained() -> Iterator[Sample]:
    for look in QueueLook.objects.filter(dead=True):
        yield Sample({"queue": look.queue}, look.drained)


def _oldest() -> Iterator[Sample]:
    for look in QueueLook.objects.filter(dead=True):
        yield Sample({"queue": look.queue}, _seconds_since(look.oldest_at))


def _last_answers() -> Iterator[Sample]:
    for look in QueueLook.objects.all():
        yield Sample({"queue": look.queue}, _seconds_since(look.looked_at))


def _passes() -> Iterator[Sample]:
    for cursor in SweepCursor.objects.exclude(passed_at=None):
        yield Sample({"prefix": cursor.prefix}, _seconds_since(cursor.passed_at))


def _seconds_since(moment: datetime | None) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0
