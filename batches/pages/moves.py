"""How far the images of a job are: moved, waiting, failed, left to clean; each figure opens the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from batches.models import ImageUpload, Job
from batches.pages import links
from batches.states import OPEN_MOVES, UploadStatus
from pages.banners import Banner


@dataclass(frozen=True)
class Figure:
    """`share` of all the job's images, in %."""

    name: str
    label: str
    count: int
    meaning: str
    url: str
    share: float


@dataclass(frozen=True)
class Moves:
    figures: list[Figure]
    total: int

    def count(self, name: str) -> int:
        return sum(figure.count for figure in self.figures if figure.name == name)

    @property
    def waiting(self) -> int:
        return self.count("waiting")

    @property
    def percent(self) -> float:
        """Of those that are to be moved: what became of an unread image, its letter says."""
        to_move = self.total - self.count("unread")
        return 100.0 * (self.count("moved") + self.count("uncleaned")) / to_move if to_move else 0.0

    @property
    def banners(self) -> list[Banner]:
        failed = self.count("failed")
        if not failed:
            return []
        title = f"{failed:,} {'image' if failed == 1 else 'images'} could not be moved."
        text = "The rows are written, and the images are kept where they were. Put the cause right and move them again."
        [url] = [figure.url for figure in self.figures if figure.name == "failed"]
        return [Banner("warn", title, text, url, "Which ones, and why")]


# name → label, the states that are counted there, what they mean
PARTS: tuple[tuple[str, str, tuple[UploadStatus, ...], str], ...] = (
    ("moved", "moved", (UploadStatus.MOVED,), "Under processed/, verified; the source is deleted."),
    ("waiting", "waiting", OPEN_MOVES, "Their receipts are read; they are being moved."),
    ("failed", "failed", (UploadStatus.FAILED,), "Could not be copied: kept where they were, each with a dead letter."),
    ("uncleaned", "left to clean", (UploadStatus.UNCLEANED,), "Copied and verified; the source could not be deleted."),
    ("unread", "not read", (UploadStatus.UPLOADED,), "No row was read from them (yet): they stay under uploads/."),
)


def moves_of(job: Job) -> Moves:
    rows = ImageUpload.objects.filter(job=job).order_by().values_list("status").annotate(Count("pk"))
    counts: dict[str, int] = dict(rows)
    total = sum(counts.values())
    return Moves([_figure(job, name, label, states, meaning, counts) for name, label, states, meaning in PARTS], total)


def _figure(
    job: Job, name: str, label: str, states: tuple[UploadStatus, ...], meaning: str, counts: dict[str, int]
) -> Figure:
    count, total = sum(counts.get(state, 0) for state in states), sum(counts.values())
    url = links.images(job=job.job_id, status__in=",".join(states)) if count else ""
    return Figure(name, label, count, meaning, url, 100.0 * count / total if total else 0.0)
