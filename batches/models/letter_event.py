from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from batches.models.dead_letter import DeadLetter
from batches.models.redrive import Redrive


class LetterEvent(models.Model):
    """A letter's history, one row for whatever was done to it: never altered, kept through every retry."""

    letter = models.ForeignKey(DeadLetter, on_delete=models.CASCADE, db_index=False, related_name="events")
    name = models.CharField(max_length=30, help_text="redriven, failed_again, edited, discarded, restored, resolved …")
    message = models.TextField(blank=True)
    redrive = models.ForeignKey(Redrive, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["letter", "id"], name="letter_event_by_letter")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.name}"
