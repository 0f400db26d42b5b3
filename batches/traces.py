"""What the pages of traces know of batches: the traces of a job, an image or a transaction, and where one leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from batches.models import DeadLetter, ImageUpload, Job, Redrive, Transaction
from batches.pages import links
from monitoring.pages.traces import found_by, leads_to
from monitoring.pages.traces.found_by import Found
from monitoring.pages.traces.leads_to import Link

MOST_IMAGES = 3
TRANSACTION_CHARS, TRACE_CHARS = 24, 32


def register() -> None:
    found_by.register("job", _job)
    found_by.register("image", _image)
    found_by.register("transaction", _transaction)
    found_by.register("letter", _letter)
    leads_to.register("batches", _leads_to)


def _job(user: Any, text: str) -> Found | None:
    if not user.has_perm("batches.view_job"):
        return None
    jobs = list(Job.objects.filter(job_id=text).values_list("pk", "trace_id"))
    return Found("job", tuple(trace for _, trace in jobs), tuple(pk for pk, _ in jobs)) if jobs else None


def _image(user: Any, text: str) -> Found | None:
    if not user.has_perm("batches.view_imageupload"):
        return None
    images = list(ImageUpload.objects.filter(image_id=text).values_list("trace_id", "job_id"))
    return _found("image", images)


def _transaction(user: Any, text: str) -> Found | None:
    """Of a row without an upload, the trace begins with its id and is nobody's: its job's traces are what is meant."""
    digits = text.lower()
    is_one = len(digits) in (TRANSACTION_CHARS, TRACE_CHARS) and not digits.strip("0123456789abcdef")
    if not is_one or not user.has_perm("batches.view_transaction"):
        return None
    rows = Transaction.objects.filter(pk=digits[:TRANSACTION_CHARS])
    return _found("transaction", list(rows.values_list("trace_id", "job_id")))


def _letter(user: Any, text: str) -> Found | None:
    """By its number, or by the trace that it carries: its job's traces are meant too."""
    digits = text.lower()
    if digits.isdecimal() and len(digits) < 19:
        which = Q(pk=int(digits))
    elif len(digits) == TRACE_CHARS and not digits.strip("0123456789abcdef"):
        which = Q(trace_id=digits)
    else:
        return None
    if not user.has_perm("batches.view_deadletter"):
        return None
    letters = DeadLetter.objects.filter(which).order_by("-pk").values_list("trace_id", "job_id")
    return _found("letter", list(letters[: found_by.MOST]))


def _found(what: str, rows: Sequence[tuple[str | None, int | None]]) -> Found | None:
    if not rows:
        return None
    jobs = list(Job.objects.filter(pk__in=[job for _, job in rows if job]).values_list("pk", "trace_id"))
    return Found(what, (*(t for t, _ in rows if t), *(t for _, t in jobs)), tuple(pk for pk, _ in jobs))


def _leads_to(user: Any, trace_id: str, job_id: int | None) -> Iterator[Link]:
    if user.has_perm("batches.view_job"):
        for job in Job.objects.filter(Q(pk=job_id) | Q(trace_id=trace_id)).order_by("pk")[:MOST_IMAGES]:
            yield Link("Job", job.job_id, links.page("job", job.pk))
            if user.has_perm("batches.view_deadletter"):
                yield Link("Letters", "dead letters of the job", links.letters(job=job.job_id))
    if user.has_perm("batches.view_redrive"):
        for redrive in Redrive.objects.filter(trace_id=trace_id)[:1]:
            yield Link("Redrive", str(redrive), links.page("redrive", redrive.pk))
    if user.has_perm("batches.view_imageupload"):
        for image in ImageUpload.objects.filter(trace_id=trace_id).order_by("-pk")[:MOST_IMAGES]:
            yield Link("Image", image.image_id, links.page("imageupload", image.pk))
    if user.has_perm("batches.view_deadletter"):
        for letter in DeadLetter.objects.filter(trace_id=trace_id).order_by("-pk")[:MOST_IMAGES]:
            yield Link("Letter", f"{letter.pk}: {letter.code}", links.page("deadletter", letter.pk))
