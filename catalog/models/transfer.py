from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from monitoring.fields import one_of


class TransferKind(models.TextChoices):
    IMPORT = "import", "Import"
    EXPORT = "export", "Export"


class TransferStatus(models.TextChoices):
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "To be confirmed"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Transfer(models.Model):
    """Products on their way in or out as a file: an import that is looked through, confirmed and done, or an export.

    A lease, as a chunk's: killed anywhere, another worker takes it up, an import that takes the good rows at `done`.
    `added` to `refused` count rows that were looked at, and once it is confirmed, rows that were written.
    """

    kind = models.CharField(max_length=10, choices=TransferKind)
    status = models.CharField(max_length=10, choices=TransferStatus, default=TransferStatus.CHECKING)
    format = models.CharField(max_length=10, help_text="csv, xlsx or json")
    name = models.CharField("file", max_length=200, blank=True)
    key = models.CharField(max_length=500, blank=True, help_text="Of the file in storage.")
    checked_key = models.CharField(max_length=500, blank=True, help_text="Of the rows as they were checked.")
    filters = models.JSONField(default=dict, blank=True, help_text="Which products are exported.")
    columns = models.JSONField(default=list, blank=True, help_text="Of the file, in its order.")
    read_as = models.CharField(max_length=200, blank=True, help_text="Encoding and delimiter, or the sheet.")
    found = models.JSONField(default=dict, blank=True, help_text="The check's figures, by outcome.")
    whole = models.BooleanField(default=False, help_text="All rows or none.")
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    lease = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("kind", TransferKind, "transfer_kind_known"),
            one_of("status", TransferStatus, "transfer_status_known"),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"], name="transfer_at_work", condition=Q(status__in=["checking", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class TransferRow(models.Model):
    """A row of an import that is shown before it is done: refused and why, or what it would change."""

    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField(help_text="In the file, the heading is row 1.")
    outcome = models.CharField(max_length=10, help_text="refused, added or changed")
    sku = models.CharField(max_length=64, blank=True)
    told = models.JSONField(default=dict, help_text="Messages by field, or before and after by field.")

    class Meta:
        ordering = ("transfer", "row")
        constraints = [models.UniqueConstraint(fields=["transfer", "row"], name="transfer_row_once")]

    def __str__(self) -> str:
        return f"row {self.row} of {self.transfer_id}"
