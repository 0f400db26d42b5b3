from __future__ import annotations

from django.db import models


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
