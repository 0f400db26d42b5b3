from __future__ import annotations

from django.db import models
from django.db.models import Q

from batches.event_outcome import EventOutcome
from monitoring.fields import one_of


class EventCount(models.Model):
    """How many records of a queue's messages came to which end. In the database: several processes consume."""

    queue = models.CharField(max_length=200)
    outcome = models.CharField(max_length=20, choices=EventOutcome)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            one_of("outcome", EventOutcome, "event_outcome_known"),
            models.UniqueConstraint(fields=["queue", "outcome"], name="event_count_once"),
            models.CheckConstraint(condition=Q(count__gte=0), name="event_count_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.outcome}"
