"""What a record of a queue's message came to. No state: a record has one end."""

from __future__ import annotations

from django.db.models import TextChoices


class EventOutcome(TextChoices):
    TAKEN_IN = "taken_in", "Taken in"
    KNOWN = "known", "Known already"
    IGNORED = "ignored", "Ignored"
    LETTER = "letter", "Became a letter"
    RETRIED = "retried", "To be tried again"
