"""One change of one row. All tracked tables write into this one, through `monitoring_note_change` (migration 0003)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from pghistory.models import Event


class Via(models.TextChoices):
    WEB = "web", "Admin"
    COMMAND = "command", "Command"
    TASK = "task", "Task"
    SYSTEM = "system", "Nightshelf itself"
    OUTSIDE = "outside", "Outside of Nightshelf"


class Kind(models.TextChoices):
    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"


class Change(Event):
    """What a row was before and after, who did it, and by which way. Never altered, never deleted.

    `pgh_label` is the kind of change. `pgh_model` is the row's table; `pgh_obj_model` and `pgh_obj_id` are the object
    in whose history it stands: a product for its pictures, a user for its memberships, else the row itself. `before`
    and `after` hold the fields that differ, or the whole row where it was added or deleted.
    """

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_label = models.CharField("change", max_length=10, choices=Kind)
    pgh_created_at = models.DateTimeField("when")
    pgh_model = models.CharField(max_length=100)
    pgh_obj_model = models.CharField(max_length=100)
    pgh_obj_id = models.CharField(max_length=64)
    row_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True, help_text="What the row was called by then.")
    fields = ArrayField(models.TextField(), help_text="Those that differ; none where it was added or deleted.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    via = models.CharField(max_length=10, choices=Via)
    # No constraint: what happened stays, and the trigger of a row does not lock the row of a person.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False,
        related_name="+",
    )  # fmt: skip
    by = models.CharField(
        max_length=100, blank=True, help_text="User of the system or of the database, without a person."
    )
    place = models.CharField(max_length=300, blank=True, help_text="Address, command, task or program.")
    action = models.CharField(max_length=60, blank=True, help_text="The verb of the audit log it was done for.")
    request_id = models.CharField(max_length=64, blank=True)
    trace_id = models.CharField(max_length=32, blank=True)

    objects: ClassVar[models.Manager[Change]] = models.Manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-pgh_created_at", "-pgh_id")
        default_permissions = ()  # monitoring.view_auditentry
        indexes = [
            models.Index(fields=["-pgh_created_at", "-pgh_id"], name="change_by_time"),
            models.Index(fields=["pgh_obj_model", "pgh_obj_id", "-pgh_id"], name="change_by_object"),
            models.Index(fields=["pgh_obj_model", "-pgh_created_at", "-pgh_id"], name="change_by_model"),
            models.Index(
                fields=["actor", "-pgh_created_at", "-pgh_id"], name="change_by_actor", condition=Q(actor__isnull=False)
            ),
            models.Index(fields=["via", "-pgh_created_at", "-pgh_id"], name="change_by_way", condition=~Q(via="web")),
            models.Index(
                fields=["pgh_label", "-pgh_created_at", "-pgh_id"],
                name="change_by_kind",
                condition=~Q(pgh_label="changed"),
            ),
            models.Index(fields=["request_id"], name="change_by_request", condition=~Q(request_id="")),
            models.Index(fields=["trace_id"], name="change_by_trace", condition=~Q(trace_id="")),
            GinIndex(fields=["fields"], name="change_by_field"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.pgh_label} {self.pgh_model} {self.row_id}"

    @classmethod
    def pghistory_setup(cls) -> None:
        """Nothing: pghistory gives each table an event table of its own, and this one is all tables'."""
