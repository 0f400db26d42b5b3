from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.models.product_proposal import ProductProposal
from batches.states import AcceptanceStatus, AcceptedStatus
from monitoring.fields import HexField, one_of


class Acceptance(models.Model):
    """Proposals accepted in bulk, by how sure the model was: an operation that outlives whoever began it.

    Its set is frozen when it is confirmed. One worker at a time works on it, under a lease.
    """

    status = models.CharField(max_length=10, choices=AcceptanceStatus, default=AcceptanceStatus.RUNNING)
    fields = ArrayField(models.CharField(max_length=20), help_text="Which fields are accepted.")
    threshold = models.DecimalField(max_digits=4, decimal_places=3, help_text="The lowest confidence of a field.")
    filters = models.JSONField(default=dict, help_text="Among which proposals.")
    reason = models.TextField(blank=True)
    total = models.IntegerField(default=0)
    lease = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, help_text="Why the latest try broke off; it is tried again.")
    intent_id = models.CharField(max_length=64, unique=True, help_text="The same form sent twice is one acceptance.")
    trace_id = HexField("trace", length=32)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("status", AcceptanceStatus, "acceptance_status_known"),
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=1), name="acceptance_threshold_is_a_share"
            ),
        ]
        indexes = [models.Index(fields=["id"], name="acceptance_running", condition=Q(status="running"))]

    def __str__(self) -> str:
        return f"Acceptance {self.pk}"


class AcceptanceItem(models.Model):
    """One proposal of an acceptance's frozen set, and what became of it."""

    acceptance = models.ForeignKey(Acceptance, on_delete=models.PROTECT, db_index=False, related_name="items")
    proposal = models.ForeignKey(ProductProposal, on_delete=models.PROTECT, related_name="+")
    content = models.BigIntegerField(help_text="What the person was shown; a later file may have said otherwise since.")
    status = models.CharField(max_length=10, choices=AcceptedStatus, default=AcceptedStatus.WAITING)
    accepted = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="Fields.")
    message = models.TextField(blank=True, help_text="Why fields of it were refused.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            one_of("status", AcceptedStatus, "acceptance_item_status_known"),
            models.UniqueConstraint(fields=["acceptance", "proposal"], name="acceptance_item_once"),
            models.CheckConstraint(
                condition=Q(status="waiting", finished_at__isnull=True)
                | (~Q(status="waiting") & Q(finished_at__isnull=False)),
                name="acceptance_item_done_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["acceptance", "status", "id"], name="acceptance_item_by_status")]

    def __str__(self) -> str:
        return f"{self.acceptance_id}/{self.proposal_id}"
