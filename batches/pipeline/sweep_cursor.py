"""Where the sweep is in a prefix. In the database: the next sweep may be another process's."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from batches.models import SweepCursor

# A folder is gone through twice a second; that it was is written less often.
NOTED_EVERY = timedelta(seconds=10)


def position(bucket: str, prefix: str) -> str:
    """The key behind which to go on, '' at the start."""
    after = SweepCursor.objects.filter(bucket=bucket, prefix=prefix).values_list("after", flat=True).first()
    return after or ""


def move(bucket: str, prefix: str, after: str, *, to: str) -> None:
    """From `after` on. Nothing when another sweep has moved it meanwhile: each key is looked at once more, at worst."""
    SweepCursor.objects.get_or_create(bucket=bucket, prefix=prefix)
    SweepCursor.objects.filter(bucket=bucket, prefix=prefix, after=after).update(after=to)


def finish(bucket: str, prefix: str, after: str) -> None:
    """The end was reached: the next sweep begins anew."""
    SweepCursor.objects.get_or_create(bucket=bucket, prefix=prefix)
    due = ~Q(after="") | Q(passed_at=None) | Q(passed_at__lt=Now() - NOTED_EVERY)
    SweepCursor.objects.filter(due, bucket=bucket, prefix=prefix, after=after).update(after="", passed_at=Now())
