"""A job's page: what came in, what went where, what failed and why (Y13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from batches import kinds
from batches.models import Job
from batches.pages import progress as progress_page
from batches.pages import reasons
from batches.pages.banners import banners_of
from batches.pages.chunks import chunks_of
from batches.pages.files import files_of
from batches.pages.manifest import compare
from batches.pages.moves import moves_of
from batches.pages.results import results_of
from batches.pages.terms import terms_of
from batches.pages.timeline import timeline_of


def job_page(job: Job) -> dict[str, Any]:
    moves = moves_of(job)
    progress = progress_page.of_job(job)
    files = files_of(job)
    causes = reasons.of_job(job)
    model_errors = sum(cause.count for cause in causes if cause.code == "model_error")
    return {
        "job": job,
        "progress": progress,
        "balance": progress.balance,
        "terms": terms_of(progress.balance, kinds.get(job.kind), job=job.job_id),
        "files": files,
        "reasons": causes,
        "banners": [*banners_of(progress, files, causes), *moves.banners],
        "comparisons": compare(job.manifest, progress.balance, model_errors),
        "timeline": timeline_of(job, files),
        "moves": moves,
        "results": results_of(job),
        "kind_label": kinds.label(job.kind),
        "chunks": chunks_of(job, progress.balance.chunks),
        "now": timezone.now(),
    }
