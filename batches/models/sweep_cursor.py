from __future__ import annotations

from django.db import models


class SweepCursor(models.Model):
    """How far the sweep has come in a prefix: the next one goes on behind `after`, and from the start when it is ''."""

    bucket = models.CharField(max_length=200)
    prefix = models.CharField(max_length=200)
    after = models.CharField(max_length=1024, blank=True)
    passed_at = models.DateTimeField(null=True, blank=True, help_text="When the end of the prefix was last reached.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "prefix"], name="sweep_cursor_once")]

    def __str__(self) -> str:
        return f"{self.bucket}/{self.prefix}"
