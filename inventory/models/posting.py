from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from monitoring.fields import one_of


class PostingKind(models.TextChoices):
    RECEIPT = "receipt", "Receipt"
    ADJUSTMENT = "adjustment", "Adjustment"
    TRANSFER = "transfer", "Transfer"
    RESERVATION = "reservation", "Reservation"
    RELEASE = "release", "Release"
    SHIPMENT = "shipment", "Shipment"
    COUNT = "count", "Count"
    REVERSAL = "reversal", "Reversal"


class StockPosting(models.Model):
    """What was done to stock at once, and why: a delivery, a transfer, a count. Its movements are its lines.

    `key` is the idempotency key: who sends the same twice posts once. `content` is a hash of what was asked, to tell a
    repetition from another request under the same key.
    """

    key = models.CharField("idempotency key", max_length=100)
    content = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=12, choices=PostingKind)
    reason = models.TextField(blank=True)
    reference = models.CharField(max_length=100, blank=True, help_text="Delivery note, order, job …")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system."
    )
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by", help_text="The posting taken back."
    )
    trace_id = models.CharField(max_length=32, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        permissions = [
            ("receive_stock", "Can receive goods"),
            ("adjust_stock", "Can adjust stock"),
            ("transfer_stock", "Can transfer stock"),
            ("ship_stock", "Can reserve, release and ship stock"),
            ("count_stock", "Can post stocktakes"),
            ("reverse_stock", "Can take postings back"),
        ]
        constraints = [
            # Not `unique=True`: that would add a second index, for searches by prefix.
            models.UniqueConstraint(fields=["key"], name="posting_once"),
            models.CheckConstraint(condition=~models.Q(key=""), name="posting_has_a_key"),
            models.CheckConstraint(
                condition=models.Q(kind=PostingKind.REVERSAL, reverses__isnull=False)
                | (~models.Q(kind=PostingKind.REVERSAL) & models.Q(reverses=None)),
                name="posting_reversal_of_another",
            ),
            one_of("kind", PostingKind, "posting_kind_known"),
        ]
        indexes = [
            models.Index(fields=["kind", "-id"], name="posting_by_kind"),
            models.Index(fields=["reference"], name="posting_by_reference", condition=~models.Q(reference="")),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
