"""The pictures' figures for `/metrics`, read from the database when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from catalog.models import ImageStatus, Leftover, ProductImage
from monitoring.telemetry import Sample, gauge

TOLD = (ImageStatus.AWAITED, ImageStatus.UPLOADED, ImageStatus.REFUSED)


def register() -> None:
    gauge("nightshelf_product_images", "Product images that are not ready, by state.", ("status",), _images)
    gauge("nightshelf_image_leftovers", "Objects of images that are still to be deleted from storage.", (), _leftovers)


def _images() -> Iterator[Sample]:
    counts = dict.fromkeys(TOLD, 0)
    rows = ProductImage.objects.filter(status__in=TOLD).order_by().values_list("status").annotate(Count("pk"))
    counts |= dict(rows)
    yield from (Sample({"status": str(status)}, count) for status, count in counts.items())


def _leftovers() -> Iterator[Sample]:
    yield Sample({}, Leftover.objects.count())
