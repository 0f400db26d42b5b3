from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from monitoring.history import third_party  # noqa: F401 - its proxies are this app's models
from monitoring.history.change import Change

__all__ = ["AuditEntry", "Canary", "Change", "Notice"]


class Canary(models.Model):
    """One queue, and the tiny task that is sent through it again and again to see whether anybody answers.

    `waiting_since` is when the first task that nobody has answered yet was sent.
    """

    queue = models.CharField(max_length=200, unique=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True, help_text="Who answered last.")
    failure = models.TextField(blank=True, help_text="Why the last one could not be sent: the broker is away.")

    class Meta:
        verbose_name_plural = "canaries"
        ordering = ("queue",)

    def __str__(self) -> str:
        return self.queue


class AuditEntry(models.Model):
    """What a person did, or was refused, through the admin or a command: never altered, never deleted by a page.

    `subject` and `subject_id` name what it was about in words (`letter` 17, `redrive` 4): no foreign key, because this
    app knows none above it, and an entry outlives its subject.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system."
    )
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64, blank=True)
    allowed = models.BooleanField()
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    trace_id = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject", "subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["request_id"], name="audit_by_request", condition=~models.Q(request_id="")),
            models.Index(fields=["trace_id"], name="audit_by_trace", condition=~models.Q(trace_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject} {self.subject_id}".strip()


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
