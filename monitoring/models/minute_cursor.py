from __future__ import annotations

from django.db import models


class MinuteCursor(models.Model):
    """The last minute in which somebody did what is done once a minute, however many schedulers there are."""

    name = models.CharField(max_length=40, primary_key=True)
    minute = models.DateTimeField(help_text="When it began.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.minute:%Y-%m-%d %H:%M}"
