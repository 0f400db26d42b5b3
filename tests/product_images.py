"""The page of a product's images, for tests: its addresses, and images in each of their states."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.images.make_renditions import make_renditions
from catalog.models import Product, ProductImage
from tests.pictures import photo, png, uploaded


def at(name: str, product: Product, *more: int) -> str:
    return reverse(f"admin:catalog_{name}", args=[product.pk, *more])


def page_of(product: Product) -> str:
    return at("product_images", product)


def file(name: str = "beach.jpg", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or photo(), "image/jpeg")


def three_of(product: Product) -> list[ProductImage]:
    """One that is ready, one that is being made, one that was refused."""
    images = [uploaded(product, "ready.jpg"), uploaded(product, "soon.jpg"), uploaded(product, "bad.jpg", png())]
    for image in (images[0], images[2]):
        make_renditions(image.pk)
    return images
