"""A product's pictures as its page shows them: state, words, and signed links that are made without asking storage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from catalog.models import ImageStatus, ProductImage, Rendition
from pages.own_pages import origin_of
from storage import result_storage
from storage.port import StorageFault

TONES = {
    ImageStatus.AWAITED: "calm", ImageStatus.UPLOADED: "busy", ImageStatus.READY: "good", ImageStatus.REFUSED: "bad",
}  # fmt: skip
FOLLOWED_FOR = timedelta(hours=1)  # what has not come by then, nobody waits for at the page
STILL_COMING = timedelta(minutes=2)
WEBP = "image/webp"


@dataclass(frozen=True)
class ShownImage:
    image: ProductImage
    rendition: Rendition | None
    link: str
    why_not: str = ""

    @property
    def tone(self) -> str:
        return TONES[ImageStatus(self.image.status)]

    @property
    def name(self) -> str:
        return self.image.name or f"Image {self.image.pk}"

    @property
    def followed(self) -> bool:
        """Whether it will be something else before long."""
        if self.image.status == ImageStatus.AWAITED:
            return self._age < FOLLOWED_FOR
        return self.image.status == ImageStatus.UPLOADED

    @property
    def stuck(self) -> bool:
        """The browser has not said for a while that it is there: it may be all the same."""
        return self.image.status == ImageStatus.AWAITED and self._age > STILL_COMING

    @property
    def says(self) -> str:
        if self.image.status == ImageStatus.AWAITED:
            return "The upload was begun, and its end was not told." if self.stuck else "It is on its way to storage."
        if self.image.status == ImageStatus.UPLOADED:
            return f"{self.image.failure} It is tried again." if self.image.failure else "Its sizes are being made."
        return self.image.failure or self.why_not

    @property
    def origin(self) -> str:
        return origin_of(self.link)

    @property
    def _age(self) -> timedelta:
        return timezone.now() - self.image.created_at


def images_of(product: int) -> list[ProductImage]:
    """In their order, with their renditions: two queries."""
    return list(ProductImage.objects.filter(product=product).order_by("position").prefetch_related("renditions"))


def shown(image: ProductImage) -> ShownImage:
    """`image` has its renditions with it."""
    rendition = pick(image.renditions.all(), "medium", WEBP)
    if rendition is None:
        return ShownImage(image, None, "")
    try:
        return ShownImage(image, rendition, link_to(rendition))
    except StorageFault as fault:
        return ShownImage(image, rendition, "", str(fault))


def pick(renditions: Iterable[Rendition], name: str, content_type: str) -> Rendition | None:
    return next((one for one in renditions if (one.name, one.content_type) == (name, content_type)), None)


def link_to(rendition: Rendition) -> str:
    """Signed, for a while; StorageFault only where there is nothing to sign it with."""
    return result_storage().link(rendition.key, rendition.content_type, settings.IMAGE_LINK_SECONDS)


def page_of(product: int) -> str:
    return reverse("admin:catalog_product_images", args=[product])
