"""A picture is taken away: its rows at once, its objects by a task that is repeated until storage has said yes."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from catalog.images.locked import locked_product
from catalog.images.permitted import PERMISSION
from catalog.images.reorder import place
from catalog.images.wake import wake_remover
from catalog.models import ProductImage
from monitoring.audit import permit, record


def remove_image(image: ProductImage, *, actor: User | AnonymousUser) -> bool:
    """Whether it was this call that removed it. PermissionDenied."""
    product = image.product_id
    user = permit(actor, PERMISSION, action="remove image", subject="product", subject_id=product, image=image.pk)
    with transaction.atomic():
        if not take_away(product, [image.pk]):
            return False
        record(user, "remove image", "product", product, image=image.pk, name=image.name, key=image.key)
    return True


def take_away(product: int, images: list[int]) -> int:
    """How many went; the others close ranks. In a transaction. The rows' triggers keep the keys (`Leftover`)."""
    locked_product(product)
    doomed = ProductImage.objects.filter(product=product, pk__in=images)
    # Locked before their renditions are looked for: a worker that is just done with one adds some.
    list(doomed.select_for_update(of=("self",)).order_by("pk"))
    gone = doomed.delete()[1].get("catalog.ProductImage", 0)
    if gone:
        place(product)
        wake_remover()
    return gone
