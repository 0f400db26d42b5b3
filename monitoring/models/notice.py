from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Notice(models.Model):
    """Something that people are to be told, once: the outbox. `key` says what about, so that it is written once."""

    key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True, help_text="The page about it, from the site's root.")
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, help_text="Empty: no channel has taken it yet.")

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["topic", "-id"], name="notice_by_topic")]

    def __str__(self) -> str:
        return self.subject
