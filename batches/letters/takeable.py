"""The letters a redrive is asked for, whatever their status: by the filters, up to the newest that was shown."""

from __future__ import annotations

from django.db.models import Max

from batches.letters.filters import LetterFilter, Letters
from batches.models import DeadLetter, PatchRule


def takeable(which: LetterFilter, rule: PatchRule | None, up_to: int) -> Letters:
    """A rule narrows them down to the letters it is for. BadFilter."""
    letters = which.letters().filter(pk__lte=up_to)
    if rule is None:
        return letters
    return letters.filter(pk=rule.letter_id) if rule.letter_id else letters.filter(group=rule.group_id)


def newest_letter() -> int:
    return int(DeadLetter.objects.aggregate(newest=Max("pk"))["newest"] or 0)
