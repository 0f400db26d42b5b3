from __future__ import annotations

from django.db import models
from django.db.models.functions import Upper

from monitoring.history.track import tracked


@tracked(name=("code", "name"), subject="location")
class Location(models.Model):
    """Where stock lies: a shop, a warehouse, a shelf."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(Upper("code"), name="location_code_unique"),
            models.CheckConstraint(condition=~models.Q(code="") & ~models.Q(name=""), name="location_named"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
