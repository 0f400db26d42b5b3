from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from batches.models.chunk import Chunk
from batches.models.job import Job
from inventory.models import StocktakeLine
from monitoring.fields import HexField


class CountedStock(models.Model):
    """How many of a SKU a result file says lie at a location. It changes no stock: it goes into a stocktake, which a
    person looks through and posts.

    Its id is sha256(`jobId#LOCATION#SKU`)[:24], in capitals as both are told apart. `placed` is the `content` that went
    into the stocktake: while it is another, or none, the count waits to be put there. `problem` says why it could not
    be, although it was tried.

    As with transactions, no foreign key triggers on `job` and `chunk`.
    """

    id = HexField("count", primary_key=True, length=24)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="counts")
    chunk = models.ForeignKey(
        Chunk, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="counts"
    )
    line = models.IntegerField(help_text="Number of the line within its chunk, from 1.")
    content = models.BigIntegerField()
    revision = models.IntegerField(db_default=1)
    record_id = models.CharField("record", max_length=200)
    user_id = models.CharField("user", max_length=200)
    trace_id = HexField("trace", length=32)
    sku = models.CharField("SKU", max_length=64)
    location = models.CharField(max_length=20, help_text="Its code.")
    quantity = models.PositiveIntegerField()
    confidence = models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True, help_text="0 to 1; empty: the model told none."
    )
    note = models.CharField(max_length=200, blank=True)
    placed = models.BigIntegerField(null=True, blank=True)
    stocktake_line = models.ForeignKey(
        StocktakeLine, null=True, blank=True, on_delete=models.SET_NULL, related_name="counts"
    )
    problem = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "count"
        verbose_name_plural = "counts"
        ordering = ("-created_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0), name="count_not_negative"),
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__gte=0, confidence__lte=1),
                name="count_confidence_is_a_share",
            ),
        ]
        indexes = [
            models.Index(fields=["job", "chunk", "line"], name="count_by_source"),
            models.Index(fields=["-created_at", "id"], name="count_by_moment"),
            models.Index(
                fields=["job", "location"], name="count_to_place", condition=Q(placed=None) | ~Q(placed=F("content"))
            ),
            models.Index(Upper("sku"), name="count_by_sku"),
            models.Index(fields=["job"], name="count_with_problem", condition=~Q(problem="")),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku} at {self.location}"
