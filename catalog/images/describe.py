"""What a picture shows, for whoever does not see it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from catalog.images.permitted import PERMISSION
from catalog.images.refused import Refused
from catalog.models import ProductImage
from monitoring.audit import permit, record

MOST_CHARS = 200


def describe(image: ProductImage, text: str, *, actor: User | AnonymousUser) -> bool:
    """Whether it says something else now. PermissionDenied, Refused."""
    product = image.product_id
    user = permit(actor, PERMISSION, action="describe image", subject="product", subject_id=product, image=image.pk)
    alt = " ".join(text.replace("\0", " ").split())
    if len(alt) > MOST_CHARS:
        raise Refused(f"The description has {len(alt)} characters: at most {MOST_CHARS}. Say it in fewer words.")
    with transaction.atomic():
        row = ProductImage.objects.select_for_update(of=("self",)).filter(pk=image.pk).first()
        if row is None:
            raise Refused("This image was removed meanwhile.")
        if row.alt == alt:
            return False
        ProductImage.objects.filter(pk=row.pk).update(alt=alt)
        record(user, "describe image", "product", product, image=row.pk, before=row.alt, after=alt)
    return True
