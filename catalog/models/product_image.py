from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Deferrable, Q
from django.db.models.functions import Now

from catalog.models.product import Product
from monitoring.fields import one_of
from monitoring.history.track import tracked


class ImageStatus(models.TextChoices):
    AWAITED = "awaited", "Being uploaded"
    UPLOADED = "uploaded", "Being prepared"
    READY = "ready", "Ready"
    REFUSED = "refused", "Refused"


@tracked(name=("name",), fields=("product", "position", "alt", "name"), belongs_to="product", called="picture")
class ProductImage(models.Model):
    """A picture of a product. `key` is where the browser put it; shown is only what was made of it: its renditions."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    position = models.PositiveIntegerField(help_text="From 1; the first is the product's face.")
    alt = models.CharField("description", max_length=200, blank=True, help_text="For whoever does not see it.")
    name = models.CharField("file", max_length=200, blank=True)
    key = models.CharField(max_length=500, unique=True)
    status = models.CharField(max_length=10, choices=ImageStatus, default=ImageStatus.AWAITED)
    failure = models.TextField(blank=True, help_text="Why it was refused, and what to do.")
    content_type = models.CharField(max_length=40, blank=True)
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes, as uploaded.")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("product", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "position"], name="product_image_position", deferrable=Deferrable.DEFERRED
            ),
            one_of("status", ImageStatus, "product_image_status_known"),
        ]
        indexes = [
            models.Index(
                fields=["status", "created_at"], name="product_image_unfinished", condition=~Q(status="ready")
            ),
        ]

    def __str__(self) -> str:
        return f"image {self.position} of {self.product_id}"


class Rendition(models.Model):
    """One size and format of a picture, upright and without its EXIF; what pages and shops show."""

    image = models.ForeignKey(ProductImage, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=20, help_text="thumbnail, medium, large")
    content_type = models.CharField(max_length=40)
    key = models.CharField(max_length=500, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(help_text="Bytes.")

    class Meta:
        ordering = ("image", "width")
        constraints = [
            models.UniqueConstraint(fields=["image", "name", "content_type"], name="rendition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of image {self.image_id}"
