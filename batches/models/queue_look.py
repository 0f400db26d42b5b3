from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class QueueLook(models.Model):
    """What the last look at a queue saw. Kept, so that `/metrics` and pages ask no queue themselves."""

    queue = models.CharField(max_length=200, unique=True)
    dead = models.BooleanField(help_text="A dead-letter queue, which is drained.")
    depth = models.BigIntegerField(default=0, help_text="Messages waiting; of a dead queue, before it was drained.")
    in_flight = models.BigIntegerField(default=0, help_text="Messages in somebody's hands.")
    depth_after = models.BigIntegerField(default=0, help_text="Of a dead queue: messages waiting after it was drained.")
    oldest_at = models.DateTimeField(null=True, blank=True, help_text="When the oldest message seen there was sent.")
    drained = models.BigIntegerField(default=0, help_text="Messages that were moved into the database, ever.")
    looked_at = models.DateTimeField(db_default=Now())
    failure = models.TextField(blank=True, help_text="Why the queue could not be looked at.")

    class Meta:
        ordering = ("queue",)

    def __str__(self) -> str:
        return self.queue
