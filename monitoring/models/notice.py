from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from monitoring.fields import one_of


class NoticeState(models.TextChoices):
    NEW = "new", "Waiting"
    WAITING = "waiting", "Being sent"
    SENT = "sent", "Sent"
    KEPT = "kept", "No channel"
    FAILED = "failed", "Not sent to all"


class Notice(models.Model):
    """Something that people are to be told, once: the outbox. `key` says what about, so that it is written once.

    It is handed to channels once, to those that there are then: one that is made later is not flooded with the past.
    """

    State = NoticeState

    key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True, help_text="The page about it, from the site's root.")
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.NEW, db_default=NoticeState.NEW)
    sent_at = models.DateTimeField(null=True, help_text="When the last of its channels had taken it.")

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["topic", "-id"], name="notice_by_topic"),
            models.Index(fields=["id"], name="notice_new", condition=models.Q(state="new")),
            models.Index(fields=["state", "-id"], name="notice_by_state"),
        ]
        constraints = [
            one_of("state", NoticeState, "notice_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at=None)),
                name="notice_sent_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
