from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from batches.models.chunk import Chunk
from batches.models.job import Job
from batches.states import FieldStatus, ProposalState
from catalog.models import Product
from monitoring.fields import HexField, one_of


def _confidence() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True, help_text="0 to 1; empty: the model told none."
    )


def _status() -> models.CharField:  # type: ignore[type-arg]
    return models.CharField(max_length=10, choices=FieldStatus, default="waiting", db_default="waiting")


def _by() -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="+",
    )  # fmt: skip


def _at() -> models.DateTimeField:  # type: ignore[type-arg]
    return models.DateTimeField(null=True, blank=True)


class ProductProposal(models.Model):
    """What a model proposes for one SKU. Nothing of it is in the catalogue before a person has accepted it.

    A field that is null is not proposed. Its id is sha256(`jobId#sku`)[:24], so a job has one for each SKU. `base` is
    what the product said when the proposal came (null: there was no such product): a field that says something else by
    now was changed by somebody since. `confidence` is the lowest of its fields'.

    As with transactions, no foreign key triggers on `job` and `chunk`.
    """

    id = HexField("proposal", primary_key=True, length=24)
    job = models.ForeignKey(
        Job, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="proposals"
    )
    chunk = models.ForeignKey(
        Chunk, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="proposals"
    )
    line = models.IntegerField(help_text="Number of the line within its chunk, from 1.")
    content = models.BigIntegerField()
    revision = models.IntegerField(db_default=1)
    user_id = models.CharField("user", max_length=200)
    trace_id = HexField("trace", length=32)
    sku = models.CharField("SKU", max_length=64)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals",
        help_text="The product its fields went into.",
    )  # fmt: skip
    base = models.JSONField(null=True, blank=True)
    # Null says that nothing is proposed, which an empty text would not.
    name = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    description = models.TextField(null=True, blank=True)  # noqa: DJ001
    category = models.CharField(max_length=100, null=True, blank=True, help_text="Slug or name.")  # noqa: DJ001
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    name_confidence = _confidence()
    description_confidence = _confidence()
    category_confidence = _confidence()
    price_confidence = _confidence()
    confidence = _confidence()
    name_status = _status()
    description_status = _status()
    category_status = _status()
    price_status = _status()
    name_by = _by()
    description_by = _by()
    category_by = _by()
    price_by = _by()
    name_at = _at()
    description_at = _at()
    category_at = _at()
    price_at = _at()
    state = models.CharField(max_length=10, choices=ProposalState, default="waiting", db_default="waiting")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-created_at", "id")
        permissions = [("decide_productproposal", "Can accept and reject proposals")]
        constraints = [
            one_of("state", ProposalState, "proposal_state_known"),
            *[
                one_of(f"{name}_status", FieldStatus, f"proposal_{name}_status_known")
                for name in ("name", "description", "category", "price")
            ],
            models.CheckConstraint(
                condition=Q(name__isnull=False) | Q(description__isnull=False) | Q(category__isnull=False)
                | Q(price__isnull=False),
                name="proposal_proposes",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="proposal_name_not_empty"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="proposal_price_not_negative"),
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__gte=0, confidence__lte=1),
                name="proposal_confidence_is_a_share",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["job", "chunk", "line"], name="proposal_by_source"),
            models.Index(fields=["-created_at", "id"], name="proposal_by_moment"),
            models.Index(fields=["state", "-created_at", "id"], name="proposal_by_state"),
            models.Index(fields=["confidence"], name="proposal_by_confidence"),
            models.Index(fields=["category"], name="proposal_by_category"),
            models.Index(Upper("sku"), name="proposal_by_sku"),
        ]

    def __str__(self) -> str:
        return self.sku
