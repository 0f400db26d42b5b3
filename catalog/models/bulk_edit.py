from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from catalog.models.product import Product
from monitoring.fields import one_of


class BulkVerb(models.TextChoices):
    PRICES = "prices", "Change prices"
    CATEGORY = "category", "Change category"
    STATUS = "status", "Change status"


class BulkStatus(models.TextChoices):
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"


class BulkEdit(models.Model):
    """Many products changed in one way. `ids` are frozen when it is begun: what is added later is not swept in.

    `done` counts the ids that were gone through; rows, counters and `done` are written in one transaction, so that it
    goes on where it was, whoever is killed. `intent_id` is the form's: sent twice, it is begun once.
    """

    verb = models.CharField(max_length=10, choices=BulkVerb)
    parameters = models.JSONField(default=dict)
    filters = models.JSONField(default=dict, blank=True, help_text="How the products were chosen.")
    ids = ArrayField(models.BigIntegerField())
    intent_id = models.CharField(max_length=64, unique=True)
    reason = models.TextField()
    status = models.CharField(max_length=10, choices=BulkStatus, default=BulkStatus.RUNNING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(db_default=Now(), help_text="When a batch of it was done last.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("verb", BulkVerb, "bulk_edit_verb_known"),
            one_of("status", BulkStatus, "bulk_edit_status_known"),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")) & Q(done__gte=F("changed") + F("same") + F("refused")),
                name="bulk_edit_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["touched_at"], name="bulk_edit_running", condition=Q(status="running"))]

    def __str__(self) -> str:
        return f"bulk edit {self.pk}"

    @property
    def gone(self) -> int:
        """Products that were deleted before it came to them."""
        return self.done - self.changed - self.same - self.refused


class BulkRefusal(models.Model):
    """A product that a bulk edit left as it was, and why."""

    edit = models.ForeignKey(BulkEdit, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    why = models.TextField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["edit", "product"], name="bulk_refusal_once")]

    def __str__(self) -> str:
        return f"{self.product_id} in bulk edit {self.edit_id}"
