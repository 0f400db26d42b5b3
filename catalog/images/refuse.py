"""A picture that cannot be shown: the row stays to say why, its objects go."""

from __future__ import annotations

from django.db import transaction

from catalog.images.leave import all_keys, leave
from catalog.models import ImageStatus, ProductImage
from monitoring import telemetry

UNFINISHED = (ImageStatus.AWAITED, ImageStatus.UPLOADED)


def refuse(image: int, why: str, *, lease: int | None = None) -> bool:
    """Whether it was this call that refused it. With a lease: only while that is still held."""
    held = ProductImage.objects.filter(pk=image, status__in=UNFINISHED)
    if lease is not None:
        held = held.filter(lease=lease)
    with transaction.atomic():
        key = held.values_list("key", flat=True).first()
        if key is None or not held.update(status=ImageStatus.REFUSED, failure=why, leased_until=None):
            return False
        leave(all_keys(key))
    telemetry.event("image_refused", image=image, why=why)
    return True
