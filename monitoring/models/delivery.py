from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from monitoring.fields import one_of
from monitoring.models.channel import Channel
from monitoring.models.notice import Notice


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    GIVEN_UP = "given_up", "Given up"
    UNSURE = "unsure", "Unsure"
    DROPPED = "dropped", "Left"


class Delivery(models.Model):
    """A notice on its way to a channel: tried again only when it is known that the channel has not taken it.

    `attempts` is the fencing token: who comes back with the result of an earlier attempt changes nothing.
    """

    Status = DeliveryStatus

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    status = models.CharField(
        max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING, db_default=DeliveryStatus.WAITING
    )
    attempts = models.IntegerField(default=0, db_default=0)
    tries_from = models.IntegerField(default=0, db_default=0, help_text="Attempts before a person had it tried again.")
    next_try_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True, help_text="Whoever sends it is taken for dead from then on.")
    last_error = models.TextField(blank=True, db_default="")
    response_id = models.CharField(max_length=200, blank=True, db_default="", help_text="What the other side calls it.")
    created_at = models.DateTimeField(db_default=Now())
    tried_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ("-id",)
        permissions = [("retry_delivery", "Can have a delivery tried again, or leave it")]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_per_channel"),
            one_of("status", DeliveryStatus, "delivery_status_known"),
            models.CheckConstraint(
                condition=models.Q(status="sending", leased_until__isnull=False)
                | (~models.Q(status="sending") & models.Q(leased_until=None)),
                name="delivery_leased_while_sending",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "next_try_at"], name="delivery_due", condition=models.Q(status="waiting")),
            models.Index(fields=["leased_until"], name="delivery_leased", condition=models.Q(status="sending")),
            models.Index(
                fields=["channel", "-id"],
                name="delivery_failed",
                condition=models.Q(status__in=["given_up", "unsure"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} to {self.channel}"
