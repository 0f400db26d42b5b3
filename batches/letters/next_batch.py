"""The next letters of a redrive, marked as begun before anything is done with them."""

from __future__ import annotations

from itertools import takewhile

from django.conf import settings
from django.db.models import F, QuerySet

from batches.letters import progress
from batches.letters.allowance import batch_size
from batches.letters.claim_redrive import LeaseLost, RedriveClaim, mine
from batches.models import Redrive, RedriveItem
from batches.states import ItemStatus, LetterKind

LINES = (LetterKind.LINE, LetterKind.CONFLICT)


def next_batch(claim: RedriveClaim, redrive: Redrive) -> list[RedriveItem]:
    """Items that wait, in the order of their letters, as many as rate and ramp allow; none when all were begun.

    All are about lines, or it is one of another kind. One that was begun before and not brought to an end goes alone:
    it may be the one that kills its worker.
    """
    done = progress.of_redrive(redrive.pk).done if redrive.ramp else 0
    size = batch_size(rate=redrive.rate, ramp=redrive.ramp, done=done)
    waiting = RedriveItem.objects.filter(redrive=redrive, status=ItemStatus.WAITING).order_by("id")
    items = list(waiting.select_related("letter")[:size])
    if items and (items[0].attempts or items[0].letter.kind not in LINES):
        items = items[:1]
    items = list(takewhile(lambda item: item is items[0] or _goes_with_others(item), items))
    _mark(claim, items)
    return items


def worn_out(item: RedriveItem) -> bool:
    """Whether it was begun so often that another try would only cost another worker."""
    return item.attempts >= settings.MAX_ATTEMPTS


def give_back(claim: RedriveClaim, items: list[RedriveItem]) -> None:
    """The try was cut short by something that passes: it does not count."""
    _waiting(claim, items).filter(attempts__gt=0).update(attempts=F("attempts") - 1)


def keep_fault(claim: RedriveClaim, items: list[RedriveItem], fault: str) -> None:
    """What went wrong unexpectedly, kept with the items; that try counts."""
    _waiting(claim, items).update(message=fault)


def _goes_with_others(item: RedriveItem) -> bool:
    return not item.attempts and item.letter.kind in LINES


def _mark(claim: RedriveClaim, items: list[RedriveItem]) -> None:
    if items and not _waiting(claim, items).update(attempts=F("attempts") + 1):
        raise LeaseLost


def _waiting(claim: RedriveClaim, items: list[RedriveItem]) -> QuerySet[RedriveItem]:
    return RedriveItem.objects.filter(
        pk__in=[item.pk for item in items], status=ItemStatus.WAITING, redrive__in=mine(claim)
    )
