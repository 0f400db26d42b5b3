from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.models.dead_letter import DeadLetter
from batches.models.letter_group import LetterGroup
from batches.models.patch_rule import PatchRule
from batches.states import ItemStatus, RedriveStatus
from monitoring.fields import HexField, one_of
from monitoring.history.conditions import BY_SOMEBODY
from monitoring.history.track import tracked


@tracked(fields=("status", "reason", "rate", "ramp", "rule"), changed=BY_SOMEBODY, subject="redrive")
class Redrive(models.Model):
    """Letters that are read and written once more, as an operation that outlives whoever started it.

    Its set is frozen when it is confirmed: letters that come later are not swept in. One worker at a time works on
    it, under a lease; `next_at` is when the rate or the ramp allows the next letters.
    """

    status = models.CharField(max_length=10, choices=RedriveStatus, default=RedriveStatus.RUNNING)
    filters = models.JSONField(default=dict, help_text="What was chosen, as the list's own filters.")
    up_to = models.BigIntegerField(
        db_default=0, help_text="The newest letter it was chosen among: what came later is not in it."
    )
    group = models.ForeignKey(LetterGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="redrives")
    rule = models.ForeignKey(PatchRule, null=True, blank=True, on_delete=models.PROTECT, related_name="redrives")
    reason = models.TextField(blank=True)
    rate = models.IntegerField(null=True, blank=True, help_text="Letters a minute at most.")
    ramp = models.BooleanField(default=False, help_text="1, 5, 25, … letters, each step only when the last went well.")
    total = models.IntegerField(default=0)
    step = models.IntegerField(default=0, help_text="Letters of the ramp's present step that may still be begun.")
    next_at = models.DateTimeField(db_default=Now())
    lease = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    stop_reason = models.TextField(blank=True, help_text="Why it rests or ended before its time.")
    last_error = models.TextField(blank=True, help_text="What it waits out: storage or the database away.")
    intent_id = models.CharField(max_length=64, unique=True, help_text="The same form sent twice is one redrive.")
    trace_id = HexField("trace", length=32)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("status", RedriveStatus, "redrive_status_known"),
            models.CheckConstraint(condition=Q(rate__isnull=True) | Q(rate__gt=0), name="redrive_rate_positive"),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="redrive_running", condition=Q(status="running")),
            models.Index(fields=["group", "-id"], name="redrive_by_group"),
        ]

    def __str__(self) -> str:
        return f"Redrive {self.pk}"


class RedriveItem(models.Model):
    """One letter of a redrive's frozen set, and what became of it."""

    redrive = models.ForeignKey(Redrive, on_delete=models.PROTECT, db_index=False, related_name="items")
    letter = models.ForeignKey(DeadLetter, on_delete=models.PROTECT, db_index=False, related_name="redrive_items")
    status = models.CharField(max_length=10, choices=ItemStatus, default=ItemStatus.WAITING)
    outcome = models.CharField(max_length=20, blank=True, help_text="inserted, updated, unchanged, superseded …")
    message = models.TextField(blank=True, help_text="Why it failed again, or was skipped.")
    attempts = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            one_of("status", ItemStatus, "redrive_item_status_known"),
            models.UniqueConstraint(fields=["redrive", "letter"], name="redrive_item_once"),
            # Two operators at once cannot redrive a letter twice.
            models.UniqueConstraint(fields=["letter"], name="redrive_item_in_hand", condition=Q(status="waiting")),
            models.CheckConstraint(
                condition=Q(status="waiting", finished_at__isnull=True)
                | (~Q(status="waiting") & Q(finished_at__isnull=False)),
                name="redrive_item_done_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["redrive", "status", "id"], name="redrive_item_by_status"),
            models.Index(fields=["letter", "-id"], name="redrive_item_by_letter"),
        ]

    def __str__(self) -> str:
        return f"{self.redrive_id}/{self.letter_id}"
