from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from batches.models.dead_letter import DeadLetter


class StrayMessage(models.Model):
    """A queue's message that came to nothing, whole: its letter says why, this row holds what it was.

    Its identity is its content: a redrive gives a message another id (Y11). A message that comes back while its letter
    is open is the same one, `times` more; one that comes back after a person has closed the letter is the next
    `occurrence`, with a letter of its own.
    """

    letter = models.OneToOneField(DeadLetter, on_delete=models.CASCADE, related_name="stray_message")
    queue = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32, help_text="sha256 of queue and content.")
    occurrence = models.PositiveIntegerField(default=1)
    message_id = models.CharField(max_length=200, blank=True, help_text="The latest id it had in a queue.")
    times = models.PositiveIntegerField(default=1, help_text="How often it came, apart from repeated deliveries.")
    receive_count = models.PositiveIntegerField(help_text="Deliveries that the queue counted.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why the broker says that it died.")
    first_seen_at = models.DateTimeField(help_text="When it was sent, or when it died where that is not known.")
    drained_at = models.DateTimeField(db_default=Now())
    size = models.PositiveIntegerField(help_text="bytes of the whole body")
    body = models.BinaryField(help_text="The message's body, as it was in the queue.")
    headers = models.JSONField(default=dict, help_text="What the broker said beside the body.")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["digest", "occurrence"], name="stray_message_once"),
            models.CheckConstraint(condition=Q(occurrence__gte=1, times__gte=1), name="stray_message_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"Message {self.message_id or self.pk} of {self.queue}"
