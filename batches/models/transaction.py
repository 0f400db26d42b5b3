from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from pghistory import AnyChange
from pgtrigger import Condition

from batches.models.chunk import Chunk
from batches.models.job import Job
from batches.states import ReviewState
from monitoring.fields import HexField, one_of
from monitoring.history.conditions import Any
from monitoring.history.track import NOT_AT_ALL, tracked


class TransactionType(models.TextChoices):
    INCOME = "income", "Income"
    EXPENSE = "expense", "Expense"


class Category(models.TextChoices):
    SALE = "sale", "Sale"
    PURCHASE = "purchase", "Purchase"
    SHIPPING = "shipping", "Shipping"
    PACKAGING = "packaging", "Packaging"
    FEE = "fee", "Fee"
    OTHER = "other", "Other"


# A machine that changes a row raises its revision. What a person could be told by is left out: this outlives the row.
@tracked(
    exclude=(
        "chunk", "line", "content", "revision", "image_id", "user_id", "trace_id", "merchant", "description",
        "extracted_at", "expires_on", "created_at", "updated_at",
    ),
    added=NOT_AT_ALL,
    changed=Any(AnyChange("review", "reviewed_by", "reviewed_at"), ~AnyChange("revision")),
    deleted=Condition("OLD.expires_on > CURRENT_DATE"),
    subject="transaction",
)  # fmt: skip
class Transaction(models.Model):
    """One receipt, as the model read it (Y3). Its id is sha256(`jobId#imageId`)[:24], so it exists once (Y4).

    Where it came from is (`chunk`, `line`), which also orders two lines of one file: the later wins. `content` is a
    hash of what the machine last wrote, to tell a repetition from a correction without comparing columns.

    No foreign key triggers on `job` and `chunk`: the row is written in the transaction that finishes its chunk under
    a valid lease, so both exist, and neither is ever deleted; the triggers would cost more than the row.
    """

    id = HexField("transaction", primary_key=True, length=24)
    job = models.ForeignKey(
        Job, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="transactions"
    )
    chunk = models.ForeignKey(
        Chunk, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="transactions"
    )
    line = models.IntegerField(help_text="Number of the line within its chunk, from 1.")
    content = models.BigIntegerField()
    revision = models.IntegerField(db_default=1)
    image_id = models.CharField("image", max_length=200)
    user_id = models.CharField("user", max_length=200)
    trace_id = HexField("trace", length=32)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    type = models.CharField(max_length=10, choices=TransactionType)
    date = models.DateField()
    merchant = models.CharField(max_length=200)
    category = models.CharField(max_length=10, choices=Category)
    description = models.CharField(max_length=2000, blank=True)
    extracted_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField()
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    review = models.CharField(max_length=12, choices=ReviewState, db_default=ReviewState.UNREVIEWED)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-date", "id")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transaction_amount_positive"),
            one_of("type", TransactionType, "transaction_type_known"),
            one_of("category", Category, "transaction_category_known"),
            one_of("review", ReviewState, "transaction_review_known"),
        ]
        # Each costs about a tenth of the ingest's rate; docs/architecture.md names the page or verb that needs it.
        indexes = [
            models.Index(fields=["job", "chunk", "line"], name="transaction_by_source"),
            models.Index(fields=["date"], name="transaction_by_date"),
            models.Index(fields=["user_id"], name="transaction_by_user"),
            models.Index(OpClass("merchant", "text_pattern_ops"), name="transaction_by_merchant"),
            models.Index(fields=["image_id"], name="transaction_by_image"),
            models.Index(fields=["expires_on"], name="transaction_by_expiry"),
            models.Index(fields=["review"], name="transaction_reviewed", condition=~Q(review="unreviewed")),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def intent_id(self) -> str:
        """A row's intent is its job's: kept once, unique there, found by index both ways (Y10)."""
        intent: str = self.job.intent_id
        return intent
