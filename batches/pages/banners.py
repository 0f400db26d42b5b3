"""What a person has to know first about a job, and what to do next."""

from __future__ import annotations

from batches.pages.files import FileRow
from batches.pages.idleness import nobody_works
from batches.pages.progress import Progress
from batches.pages.reasons import Reason
from batches.states import FileStatus, JobStatus
from pages.banners import Banner


def banners_of(progress: Progress, files: list[FileRow], reasons: list[Reason]) -> list[Banner]:
    return [*_waiting(progress), *_failed(files), *_poison(reasons), *_no_worker(progress), *_many_failures(progress)]


def _waiting(progress: Progress) -> list[Banner]:
    if progress.job.status != JobStatus.WAITING:
        return []
    where = f"batch-output/{progress.job.job_id}/"
    return [
        Banner("calm", "No result file yet.", f"It is taken in as soon as one lands under {where}, or by an upload.")
    ]


def _failed(files: list[FileRow]) -> list[Banner]:
    failed = [row for row in files if row.file.status == FileStatus.FAILED]
    return [Banner("bad", f"{row.name} could not be read to its end.", row.file.failure) for row in failed]


def _poison(reasons: list[Reason]) -> list[Banner]:
    for reason in reasons:
        if reason.code == "poison_chunk":
            title = f"{reason.count} {'part' if reason.count == 1 else 'parts'} of a file could not be worked on."
            text = (
                "Its lines are not counted; everything else went in. Look at the error, put its cause right, and take"
                " the file in again."
            )
            return [Banner("bad", title, text, reason.url, "What went wrong")]
    return []


def _no_worker(progress: Progress) -> list[Banner]:
    if not (progress.running and progress.balance.pending and nobody_works()):
        return []
    text = "Chunks are waiting and none has been claimed for a while. Start one with: celery -A config worker"
    return [Banner("warn", "No worker is taking work.", text)]


def _many_failures(progress: Progress) -> list[Banner]:
    if progress.failure_tone != "bad" or progress.running:
        return []
    rate = f"{progress.balance.failure_rate:.1f} % of the lines could not become a row (over 5 %)."
    return [Banner("warn", rate, "The reasons below say which field failed; the commonest comes first.")]
