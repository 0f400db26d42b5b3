from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.level import StockLevel


class LowStock(models.Model):
    """A level that fell to its reorder point: opened when it crossed it, closed when it is well above again."""

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="low")
    available = models.IntegerField(help_text="When it was opened.")
    reorder_point = models.PositiveIntegerField()
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "low stock"
        constraints = [
            models.UniqueConstraint(fields=["level"], condition=Q(closed_at=None), name="low_stock_once"),
        ]

    def __str__(self) -> str:
        return f"low stock {self.pk}"
