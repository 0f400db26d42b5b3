from __future__ import annotations

from django.db import models


class EvaluatorPass(models.Model):
    """The evaluator's heartbeat: which minute's alarms were judged, when, and what came of it.

    One row a minute, however many evaluators there are; those of the last days are kept.
    """

    minute = models.DateTimeField(primary_key=True, help_text="All figures before it were there.")
    at = models.DateTimeField()
    seconds = models.FloatField()
    rules = models.PositiveIntegerField()
    transitions = models.PositiveIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0, help_text="Rules that could not be evaluated.")

    pinged = models.CharField(max_length=200, blank=True, help_text="The dead man's ping: ok, or why not; empty: none.")

    class Meta:
        default_permissions = ()
        ordering = ("-minute",)

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"
