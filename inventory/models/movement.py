from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from catalog.models import Product
from inventory.models.location import Location
from inventory.models.posting import PostingKind, StockPosting
from monitoring.fields import one_of

MovementKind = PostingKind


class StockMovement(models.Model):
    """One line of the ledger: by how much a level changed, and what it was afterwards. Never altered, never deleted.

    `kind` and `at` are its posting's, kept here for histories that are read without it. A transfer is two movements.
    """

    posting = models.ForeignKey(StockPosting, on_delete=models.PROTECT, related_name="movements", db_index=False)
    line = models.PositiveIntegerField(help_text="Within its posting, from 1.")
    kind = models.CharField(max_length=12, choices=MovementKind)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="movements", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="movements", db_index=False)
    quantity = models.IntegerField(help_text="Change of what is on hand.")
    reserved = models.IntegerField(default=0, help_text="Change of what is reserved.")
    on_hand_after = models.IntegerField()
    reserved_after = models.IntegerField()
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["posting", "line"], name="movement_line_once"),
            models.CheckConstraint(condition=~Q(quantity=0) | ~Q(reserved=0), name="movement_moves"),
            models.CheckConstraint(
                condition=Q(reserved_after__gte=0) & Q(reserved_after__lte=F("on_hand_after")),
                name="movement_leaves_a_level",
            ),
            one_of("kind", MovementKind, "movement_kind_known"),
        ]
        indexes = [
            models.Index(fields=["product", "location", "-id"], name="movement_by_level"),
            models.Index(fields=["product", "-id"], name="movement_by_product"),
            models.Index(
                fields=["product", "location", "at", "id"], include=["quantity", "kind"], name="movement_by_level_at"
            ),
            models.Index(fields=["location", "-id"], name="movement_by_location"),
            models.Index(fields=["at"], name="movement_by_moment"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            # The other half of the levels' trigger: no movement without its level.
            pgtrigger.Trigger(
                name="as_the_level_says",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (SELECT FROM inventory_stocklevel
                        WHERE product_id = NEW.product_id AND location_id = NEW.location_id
                        AND on_hand = NEW.on_hand_after AND reserved = NEW.reserved_after) THEN
                        RAISE EXCEPTION 'A movement of product % at location % without its level: post it.',
                            NEW.product_id, NEW.location_id USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+} of {self.product_id} at {self.location_id}"

    @property
    def available_after(self) -> int:
        return self.on_hand_after - self.reserved_after
