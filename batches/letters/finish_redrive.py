"""Nothing waits any more: the redrive is finished, and with it the groups of which no letter is open."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from batches.letters.roll_up import roll_up_group
from batches.models import DeadLetter, Job, LetterGroup, Redrive, RedriveItem
from batches.pipeline.forget_unchanged import forget_unchanged
from batches.states import GroupStatus, ItemStatus, JobStatus, LetterStatus, RedriveStatus
from monitoring import audit, telemetry


def finish_redrive(redrive: Redrive) -> dict[str, Any]:
    """Resolve the groups, and return what the redrive's row becomes. In a transaction that holds the redrive, after
    the ones that closed its letters.

    Of two redrives that closed a group's last letters between them, the later one to finish sees them all closed.
    """
    for fingerprint in _cleared_groups(redrive):
        _resolve(redrive, fingerprint)
    for job_pk in _jobs(redrive):
        _forget(job_pk)
    transaction.on_commit(lambda: telemetry.event("redrive_finished"))
    return {"status": RedriveStatus.FINISHED, "finished_at": Now(), "last_error": "", "step": 0}


def _cleared_groups(redrive: Redrive) -> list[str]:
    """Groups that are still open, though this redrive has put letters of theirs right and none is open any more."""
    right = RedriveItem.objects.filter(redrive=redrive, status=ItemStatus.PUT_RIGHT).order_by()
    touched = right.values_list("letter__group", flat=True).distinct()
    is_open = DeadLetter.objects.filter(group=OuterRef("pk"), status=LetterStatus.OPEN)
    groups = LetterGroup.objects.filter(~Exists(is_open), pk__in=list(touched), status=GroupStatus.OPEN)
    return list(groups.order_by("pk").values_list("pk", flat=True))


def _jobs(redrive: Redrive) -> list[int]:
    """Jobs that are finished by now, and have nothing that could come any more."""
    right = RedriveItem.objects.filter(redrive=redrive, status=ItemStatus.PUT_RIGHT).order_by()
    touched = right.values_list("letter__job", flat=True).distinct()
    return list(Job.objects.filter(pk__in=list(touched), status=JobStatus.FINISHED).values_list("pk", flat=True))


def _forget(job_pk: int) -> None:
    # Held, and looked at again: a file may have been received meanwhile.
    if Job.objects.select_for_update(no_key=True).filter(pk=job_pk, status=JobStatus.FINISHED).exists():
        forget_unchanged(job_pk)


def _resolve(redrive: Redrive, fingerprint: str) -> None:
    # What is committed by now is known; a letter that is rolled up later marks the group as returned.
    roll_up_group(fingerprint)
    resolved = LetterGroup.objects.filter(pk=fingerprint, status=GroupStatus.OPEN).update(
        status=GroupStatus.RESOLVED, resolved_at=Now(), returned_at=None
    )
    if resolved:
        reason = f"Redrive {redrive.pk} put its last open letters right."
        audit.record(None, "resolve", "group", fingerprint, reason=reason, redrive=redrive.pk)
