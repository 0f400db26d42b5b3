from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Greatest, Now, NullIf

from catalog.models import Product
from inventory.models.location import Location
from monitoring.history.track import NOT_AT_ALL, tracked

# How many times 30 days what is available lasts; nothing for a level that nothing left.
COVER: Any = Cast(Greatest(F("on_hand") - F("reserved"), 0), models.FloatField()) / NullIf(F("demand"), 0)


# How much there is, and why, the ledger says.
@tracked(
    fields=("reorder_point", "reorder_quantity"),
    added=NOT_AT_ALL,
    subject="level",
    ledger=("admin:inventory_stockmovement_changelist", "level"),
)
class StockLevel(models.Model):
    """How much of a product lies at a location. Written by `inventory.ledger` alone, together with its movement.

    `on_hand` is what lies there, `reserved` of it is promised; the rest is available. A trigger refuses a level that
    its newest movement does not say, so that a bulk update or a line of SQL cannot part the two by mistake.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="levels", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels", db_index=False)
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    reorder_point = models.PositiveIntegerField(default=0, help_text="Low at or below it; 0: never told.")
    reorder_quantity = models.PositiveIntegerField(default=0, help_text="How many to order then.")
    demand = models.BigIntegerField(db_default=0, editable=False, help_text="Left in 30 days, when last added up.")
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
            models.Index(COVER, "id", name="level_by_cover"),
        ]
        triggers = [
            # After the statement, which writes movement and level together.
            pgtrigger.Trigger(
                name="as_the_ledger_says",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("newest", "inventory_stockmovement")],
                func="""
                    IF TG_OP = 'UPDATE' AND NEW.on_hand = OLD.on_hand AND NEW.reserved = OLD.reserved
                        AND NEW.product_id = OLD.product_id AND NEW.location_id = OLD.location_id THEN
                        RETURN NULL;
                    END IF;
                    SELECT * INTO newest FROM inventory_stockmovement
                    WHERE product_id = NEW.product_id AND location_id = NEW.location_id ORDER BY id DESC LIMIT 1;
                    IF NEW.on_hand <> coalesce(newest.on_hand_after, 0)
                        OR NEW.reserved <> coalesce(newest.reserved_after, 0) THEN
                        RAISE EXCEPTION 'Stock of product % at location % changes by a posting only.',
                            NEW.product_id, NEW.location_id USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="kept_with_its_ledger",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT FROM inventory_stockmovement
                        WHERE product_id = OLD.product_id AND location_id = OLD.location_id) THEN
                        RAISE EXCEPTION 'The level of product % at location % has movements: it stays.',
                            OLD.product_id, OLD.location_id USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN OLD;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.location_id}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved
