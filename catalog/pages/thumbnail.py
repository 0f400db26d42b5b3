"""The faces of many products for a list: one query, and nothing asked of storage."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from catalog.images.encode import THUMBNAIL
from catalog.models import ImageStatus, Rendition
from catalog.pages.shown_image import link_to
from pages.own_pages import origin_of
from storage.port import StorageFault


@dataclass(frozen=True)
class Thumbnail:
    link: str
    alt: str
    width: int
    height: int

    @property
    def origin(self) -> str:
        """What the page's policy has to let in (`pages.own_pages.let_in`); '' for the site itself."""
        return origin_of(self.link)


def thumbnails(product_ids: Collection[int]) -> dict[int, Thumbnail]:
    """Of each product's first picture that is ready; products without one are missing."""
    first = (
        Rendition.objects.filter(
            image__product_id__in=product_ids, image__status=ImageStatus.READY, name=THUMBNAIL.name,
            content_type=THUMBNAIL.content_type,
        )
        .select_related("image")
        .order_by("image__product_id", "image__position")
        .distinct("image__product_id")
    )  # fmt: skip
    try:
        return {one.image.product_id: _thumbnail(one) for one in first}
    except StorageFault:  # nothing to sign a link with: a list without pictures is better than none
        return {}


def _thumbnail(rendition: Rendition) -> Thumbnail:
    return Thumbnail(link_to(rendition), rendition.image.alt, rendition.width, rendition.height)
