"""The next finished minute, frozen as the calls that publish it: the cursor and its calls move in one transaction.

What is told of a minute later than SETTLE_SECONDS after its end is in the database, and not in CloudWatch.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from monitoring import partitions, telemetry
from monitoring.cloudwatch.data import calls
from monitoring.models import CloudWatchCall, MinuteCursor

# Processes write every few seconds, and a chunk's transaction is over in less.
SETTLE_SECONDS = 90
# AWS takes nothing older than two weeks.
MOST_DAYS = 13
CURSOR = "cloudwatch"
MINUTE = timedelta(minutes=1)


def freeze_next(now: datetime) -> datetime | None:
    """The minute that was frozen, or None: there is none, or others are still to be sent.

    So while CloudWatch is away one minute at most lies frozen; the others stay what they are, figures of ours.
    """
    with transaction.atomic():
        cursor = _locked_cursor(now)
        if CloudWatchCall.objects.filter(claimed_at=None).exists():
            return None
        minute = max(cursor.minute + MINUTE, _oldest(now))
        if minute > last_finished(now):
            return None
        if minute > cursor.minute + MINUTE:
            telemetry.event(
                "cloudwatch_minutes_lost",
                level=logging.ERROR,
                after=cursor.minute.isoformat(),
                until=minute.isoformat(),
            )
        CloudWatchCall.objects.bulk_create(
            CloudWatchCall(minute=minute, part=part, data=data) for part, data in enumerate(calls(minute))
        )
        cursor.minute = minute
        cursor.save()
        return minute


def last_finished(now: datetime) -> datetime:
    return (now - timedelta(seconds=SETTLE_SECONDS)).replace(second=0, microsecond=0) - MINUTE


def _locked_cursor(now: datetime) -> MinuteCursor:
    """Where publishing is switched on it begins with the present: the past is not published."""
    MinuteCursor.objects.get_or_create(name=CURSOR, defaults={"minute": last_finished(now)})
    return MinuteCursor.objects.select_for_update().get(name=CURSOR)


def _oldest(now: datetime) -> datetime:
    """Of the minutes that we still have and that CloudWatch would still take."""
    taken = (now - timedelta(days=MOST_DAYS)).replace(second=0, microsecond=0)
    return max(taken, partitions.oldest_kept("monitoring_minute", now))
