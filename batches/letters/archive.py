"""Closed letters leave the database after LETTER_DAYS: written to storage first, deleted when they are there.

An object is `dead-letters/{jobId}/{timestamp}.json`, a list of letters with their history, up to LETTERS_PER_OBJECT of
one job. Its name is that of its first letter: killed between writing and deleting, the next run writes the same
letters over it, and nothing is there twice. No transaction is open while storage is written to.

A letter stays as long as something stands on it: a letter that took its place (which goes first), a redrive that has
it in hand, a rule made for it alone; and one about an object stays while the object lies there, or the sweep would
find it anew and complain again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from batches.layout import dead_letter_key
from batches.letters.as_data import letter_data, letter_history
from batches.letters.filters import Letters
from batches.models import DeadLetter, LetterEvent, PatchRule, RedriveItem
from batches.states import ItemStatus, LetterKind, LetterStatus
from monitoring import telemetry
from storage import result_storage
from storage.port import ObjectChanged, ObjectMissing

LETTERS_PER_OBJECT = 1000
NO_JOB = "_"  # no job's id begins like that


def archive() -> int:
    """Archive what is due, and return the number of letters. StorageFault passes through: the next run goes on."""
    total = 0
    while archived := _archive_round():
        total += archived
    telemetry.event("letters_archived", letters=total)
    return total


def _archive_round() -> int:
    """Every job that has letters due, once. A parent is due after its child is gone: in the next round."""
    jobs = due().order_by("job_id").values_list("job_id", flat=True).distinct()
    return sum(_archive_job(job) for job in list(jobs))


def due() -> Letters:
    """Closed LETTER_DAYS ago or longer, with nothing that stands on them.

    By whole days, so that two runs at once see the same letters, and write the same objects.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    children = DeadLetter.objects.filter(parent=OuterRef("pk"))
    in_hand = RedriveItem.objects.filter(letter=OuterRef("pk"), status=ItemStatus.WAITING)
    rules = PatchRule.objects.filter(letter=OuterRef("pk"))
    return DeadLetter.objects.filter(
        ~Q(status=LetterStatus.OPEN),
        ~Exists(children),
        ~Exists(in_hand),
        ~Exists(rules),
        closed_at__lt=today - timedelta(days=settings.LETTER_DAYS),
    )


def _archive_job(job: int | None) -> int:
    total, last = 0, 0
    of_job = due().filter(job=job) if job is not None else due().filter(job__isnull=True)
    letters_there = of_job.select_related("job", "file").order_by("pk")
    while letters := list(letters_there.filter(pk__gt=last)[:LETTERS_PER_OBJECT]):
        last = letters[-1].pk
        going = [letter for letter in letters if not _object_lies_there(letter)]
        if going:
            _put(going)
            total += _delete([letter.pk for letter in going])
    return total


def _put(letters: list[DeadLetter]) -> None:
    first = letters[0]
    key = dead_letter_key(first.job.job_id if first.job else NO_JOB, first.created_at, first.pk)
    told = [letter_data(letter) | letter_history(letter) for letter in letters]
    body = json.dumps(told, ensure_ascii=False, indent=1).encode()
    result_storage().put(key, BytesIO(body))


def _delete(ids: Iterable[int]) -> int:
    """What is still due of these, with its events and the redrives' items about it."""
    with transaction.atomic():
        gone = list(due().filter(pk__in=list(ids)).select_for_update(of=("self",)).values_list("pk", flat=True))
        RedriveItem.objects.filter(letter__in=gone).delete()
        LetterEvent.objects.filter(letter__in=gone).delete()
        return DeadLetter.objects.filter(pk__in=gone).delete()[0]


def _object_lies_there(letter: DeadLetter) -> bool:
    """Whether the sweep would find the object of this letter of kind event again: `bucket/key@version`."""
    place, at, version = letter.source.rpartition("@")
    bucket, _, key = place.partition("/")
    if letter.kind != LetterKind.EVENT or not at or not key:
        return False
    try:
        return result_storage(bucket).stat(key).version == version
    except (ObjectMissing, ObjectChanged):
        return False
