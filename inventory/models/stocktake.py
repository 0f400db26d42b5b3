from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from catalog.models import Category, Product
from inventory.models.location import Location
from inventory.models.posting import StockPosting
from monitoring.fields import one_of
from monitoring.history.conditions import BY_SOMEBODY
from monitoring.history.track import NOT_AT_ALL, tracked


class StocktakeStatus(models.TextChoices):
    OPEN = "open", "Being counted"
    POSTED = "posted", "Posted"
    CANCELLED = "cancelled", "Cancelled"


@tracked(subject="stocktake")
class Stocktake(models.Model):
    """A count of a location, or of a category there. Nothing changes before it is posted, and then all at once.

    `source` names the result file's job that counted, '' for people: one stocktake of a job for each location.
    """

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="stocktakes")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    blind = models.BooleanField(default=False, help_text="Who counts is not shown what should be there.")
    status = models.CharField(max_length=10, choices=StocktakeStatus, default=StocktakeStatus.OPEN)
    source = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    posting = models.OneToOneField(StockPosting, null=True, on_delete=models.PROTECT, related_name="stocktake")

    class Meta:
        ordering = ("-id",)
        constraints = [
            one_of("status", StocktakeStatus, "stocktake_status_known"),
            models.UniqueConstraint(
                fields=["source", "location"], condition=~Q(source=""), name="stocktake_once_per_source"
            ),
        ]
        indexes = [
            models.Index(fields=["location", "-id"], name="stocktake_open", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"stocktake {self.pk}"


# Not `~Q(difference=0)`, which would take in what nobody has counted yet.
DIFFERS = Q(difference__lt=0) | Q(difference__gt=0)


# Opening a count makes a line for each product; who counted stands in the line.
@tracked(fields=("counted", "verified"), added=NOT_AT_ALL, changed=BY_SOMEBODY, belongs_to="stocktake", called="line")
class StocktakeLine(models.Model):
    """A product to be counted. `expected` is what the books said when the count was opened, `on_hand_then` when this
    line was counted: the difference is taken from that, so what moved afterwards stays moved.
    """

    stocktake = models.ForeignKey(Stocktake, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    expected = models.IntegerField()
    movement_at_open = models.BigIntegerField(default=0, help_text="The newest movement of the level by then; 0: none.")
    counted = models.PositiveIntegerField(null=True, blank=True)
    verified = models.BooleanField(default=False)
    found = models.BooleanField(default=False, help_text="Was not on the list: somebody found it there.")
    on_hand_then = models.IntegerField(null=True)
    # What posting would add to the level; nothing where nobody counted. A column, as the planner knows how many differ.
    difference = models.GeneratedField(
        expression=F("counted") - F("on_hand_then"), output_field=models.IntegerField(null=True), db_persist=True
    )
    movement_then = models.BigIntegerField(null=True)
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("stocktake", "id")
        constraints = [
            models.UniqueConstraint(fields=["stocktake", "product"], name="stocktake_line_once"),
            models.CheckConstraint(
                condition=Q(counted=None, on_hand_then=None, verified=False)
                | Q(counted__isnull=False, on_hand_then__isnull=False),
                name="stocktake_line_counted_against",
            ),
        ]
        indexes = [
            models.Index(fields=["stocktake", "id"], name="stocktake_line_in_order"),
            models.Index(fields=["stocktake", "id"], name="stocktake_line_uncounted", condition=Q(counted=None)),
            models.Index(fields=["stocktake", "id"], name="stocktake_line_differing", condition=DIFFERS),
            models.Index(
                fields=["stocktake", "id"],
                name="stocktake_line_unverified",
                condition=Q(counted__isnull=False, verified=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} in stocktake {self.stocktake_id}"
