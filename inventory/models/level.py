from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from catalog.models import Product
from inventory.models.location import Location
from monitoring.history.track import NOT_AT_ALL, tracked


# How much there is, and why, the ledger says.
@tracked(
    fields=("reorder_point", "reorder_quantity"),
    added=NOT_AT_ALL,
    subject="level",
    ledger=("admin:inventory_stockmovement_changelist", "level"),
)
class StockLevel(models.Model):
    """How much of a product lies at a location. Written by `inventory.post` alone, together with its movement.

    `on_hand` is what lies there, `reserved` of it is promised; the rest is available.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="levels")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    reorder_point = models.PositiveIntegerField(default=0, help_text="Low at or below it; 0: never told.")
    reorder_quantity = models.PositiveIntegerField(default=0, help_text="How many to order then.")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("product", "location")
        constraints = [
            models.UniqueConstraint(fields=["product", "location"], name="level_once"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")), name="level_reserved_within_on_hand"
            ),
        ]
        indexes = [
            models.Index(fields=["location", "product"], name="level_by_location"),
            models.Index(
                fields=["location", "id"],
                name="level_low",
                condition=Q(reorder_point__gt=0) & Q(on_hand__lte=F("reorder_point") + F("reserved")),
            ),
            models.Index(fields=["location", "id"], name="level_out", condition=Q(on_hand__lte=F("reserved"))),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.location_id}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved
