from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class CloudWatchCall(models.Model):
    """One PutMetricData to be made, once: what a finished minute is published as, frozen. Deleted when it is there.

    A claim is never taken back by time alone: the call may have got through, and CloudWatch would add it a second time.
    """

    minute = models.DateTimeField(help_text="When it began.")
    part = models.IntegerField(help_text="A minute that is too much for one call is several.")
    data = models.JSONField(help_text="MetricData, without the time.")
    frozen_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True, help_text="Empty: nobody has begun to send it.")

    class Meta:
        default_permissions = ()
        ordering = ("minute", "part")
        constraints = [
            models.UniqueConstraint(fields=["minute", "part"], name="cloudwatch_call_once"),
            models.CheckConstraint(condition=Q(part__gte=0), name="cloudwatch_call_part"),
        ]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.part}"
