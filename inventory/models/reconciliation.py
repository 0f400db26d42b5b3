from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Reconciliation(models.Model):
    """One look at whether the ledger and the levels agree. `differences` names the levels that do not."""

    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    levels = models.PositiveIntegerField(default=0)
    movements = models.PositiveBigIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=list, blank=True, help_text="The first hundred.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"
