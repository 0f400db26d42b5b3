"""Tell a worker that a redrive is due. Losing the message costs a second, never a letter: beat looks again."""

from __future__ import annotations

import logging

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from batches.models import Redrive
from batches.states import RedriveStatus
from monitoring import telemetry

MOST_MESSAGES = 4


def wake_redrives() -> int:
    """Send a message for each redrive that is due and that nobody works on, and return how many those were.

    A lease that has run out was a dead worker's: its redrive is due again.
    """
    number = due()[:MOST_MESSAGES].count()
    if number:
        _send(number)
    return number


def due() -> QuerySet[Redrive]:
    """Redrives that a worker could go on with now."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=Now())
    return Redrive.objects.filter(free, status=RedriveStatus.RUNNING, next_at__lte=Now())


def _send(number: int) -> None:
    from batches.tasks import redrive

    try:
        for _ in range(number):
            redrive.delay()
    except (OperationalError, OSError) as fault:
        telemetry.event("broker_away", level=logging.WARNING, error=str(fault))
    except Exception:
        # As in `wake_workers`: what the caller did is committed, and must not look as if it had failed.
        telemetry.fault("wake_refused")
