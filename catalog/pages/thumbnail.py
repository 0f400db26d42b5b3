"""The small pictures that lists of products show."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Rendition

NAME = "thumbnail"


def thumbnails(product_ids: Sequence[int]) -> dict[int, Rendition]:
    """By product: the thumbnail of its first picture that has one. One query; a product without is left out."""
    if not product_ids:
        return {}
    found = Rendition.objects.filter(name=NAME, image__product__in=product_ids).select_related("image")
    first = found.order_by("image__product_id", "image__position", "content_type").distinct("image__product_id")
    return {rendition.image.product_id: rendition for rendition in first}
