from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Reconciliation(models.Model):
    """One look at whether the ledger and the levels agree. `differences` names the levels that do not.

    Made when somebody asks; `as_of` is the moment that was looked at, `finished_at` when the answer was written.
    """

    started_at = models.DateTimeField("asked at", db_default=Now())
    as_of = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    levels = models.PositiveBigIntegerField(default=0)
    movements = models.PositiveBigIntegerField(default=0)
    differing = models.PositiveBigIntegerField(default=0)
    differences = models.JSONField(default=list, blank=True, help_text="The first hundred.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system."
    )

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["id"], name="reconciliation_waiting", condition=models.Q(finished_at=None))]

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"
