from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from monitoring.history.track import tracked
from monitoring.models.alarm_rule import AlarmRule


@tracked(name=("reason",), subject="mute")
class Mute(models.Model):
    """Nobody is told of a rule, or of any, until a moment. Its state is evaluated and shown all the same."""

    rule = models.ForeignKey(
        AlarmRule, null=True, blank=True, on_delete=models.CASCADE, related_name="mutes", help_text="Empty: all rules."
    )
    begins_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Before its time.")

    class Meta:
        ordering = ("-id",)
        default_permissions = ("view",)
        indexes = [models.Index(fields=["until"], name="mute_by_end")]
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("begins_at")), name="mute_lasts")]

    def __str__(self) -> str:
        return f"mute until {self.until:%Y-%m-%d %H:%M}"


class Repeats(models.TextChoices):
    NEVER = "never", "Once"
    DAILY = "daily", "Each day"
    WEEKLY = "weekly", "Each week"


@tracked(name=("name",), subject="maintenance window")
class MaintenanceWindow(models.Model):
    """Planned work: from – to, once or again and again at the same time of day (of the business's zone).

    Nobody is told of transitions in it; states are evaluated and shown. Without rules it is for all of them.
    """

    name = models.CharField(max_length=100)
    begins_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("to")
    repeats = models.CharField(max_length=10, choices=Repeats, default=Repeats.NEVER)
    repeats_until = models.DateField(null=True, blank=True, help_text="The last day it begins on; empty: for ever.")
    rules = models.ManyToManyField(AlarmRule, blank=True, related_name="windows", help_text="None chosen: all rules.")
    reason = models.TextField()
    enabled = models.BooleanField(default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ("-begins_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="maintenance_named"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="maintenance_lasts"),
            models.CheckConstraint(condition=Q(repeats__in=Repeats.values), name="maintenance_repeats"),
        ]

    def __str__(self) -> str:
        return self.name
