"""What the scheduler does again and again: publish every finished minute, in order, until there is none left.

In a thread of its own and never as a task: figures of a queue that stands still are what people look for then.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from monitoring.cloudwatch.freeze import freeze_next
from monitoring.cloudwatch.send import send_waiting
from monitoring.cloudwatch.settle import settle_doubts


def publish(now: datetime | None = None) -> None:
    """Safe to be killed anywhere, and by any number of schedulers at once."""
    if not settings.CLOUDWATCH_METRICS:
        return
    now = now or timezone.now()
    settle_doubts(now)
    while send_waiting():
        if freeze_next(now) is None:
            return
