from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from catalog.models.category import Category
from catalog.models.search import FOLDED, Pairs
from monitoring.fields import one_of


class ProductStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    ARCHIVED = "archived", "Archived"


class Product(models.Model):
    """What is sold. `version` counts its changes: a form that was opened before somebody else's is refused."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    sku = models.CharField("SKU", max_length=64)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    sale_price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    is_new = models.BooleanField("new", default=False)
    is_featured = models.BooleanField("featured", default=False)
    status = models.CharField(max_length=10, choices=ProductStatus, default=ProductStatus.DRAFT)
    barcode = models.CharField(max_length=14, blank=True, help_text="GTIN of 8, 12, 13 or 14 digits.")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    folded = models.GeneratedField(expression=FOLDED, output_field=models.TextField(), db_persist=True)
    pairs = models.GeneratedField(
        expression=Pairs(FOLDED), output_field=ArrayField(models.TextField()), db_persist=True
    )

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="product_named"),
            models.CheckConstraint(condition=Q(sku__regex=r"^[!-~]+$"), name="product_sku_printable"),
            models.UniqueConstraint(Upper("sku"), name="product_sku_unique"),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(sale_price=None) | Q(sale_price__gte=0, sale_price__lte=F("price")),
                name="product_sale_price_within_price",
            ),
            models.CheckConstraint(condition=Q(barcode__regex=r"^(|\d{8}|\d{12,14})$"), name="product_barcode_digits"),
            models.UniqueConstraint(fields=["barcode"], condition=~Q(barcode=""), name="product_barcode_unique"),
            one_of("status", ProductStatus, "product_status_known"),
        ]
        indexes = [
            GinIndex(fields=["pairs"], name="product_by_pairs", fastupdate=False),
            models.Index(fields=["category", "-id"], name="product_by_category"),
            models.Index(fields=["status", "-id"], name="product_by_status"),
            models.Index(fields=["-updated_at"], name="product_by_update"),
            models.Index(fields=["price"], name="product_by_price"),
            models.Index(fields=["name"], name="product_by_name"),
            # Filters whose rows may be few: without these, finding none of them would read the table.
            models.Index(fields=["-id"], name="product_new", condition=Q(is_new=True)),
            models.Index(fields=["-id"], name="product_featured", condition=Q(is_featured=True)),
            models.Index(fields=["-id"], name="product_on_sale", condition=Q(sale_price__isnull=False)),
            models.Index(fields=["-id"], name="product_without_barcode", condition=Q(barcode="")),
            models.Index(fields=["-id"], name="product_with_barcode", condition=~Q(barcode="")),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"
