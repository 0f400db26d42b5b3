"""The browser says that the file is there: storage is asked, and a worker is woken."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models.functions import Now

from catalog.images.begin_upload import refuse_size
from catalog.images.permitted import PERMISSION
from catalog.images.refuse import refuse
from catalog.images.refused import Refused
from catalog.images.wake import wake_maker
from catalog.models import ImageStatus, ProductImage
from monitoring import telemetry
from monitoring.audit import permit
from storage import result_storage
from storage.port import ObjectMissing


def finish_upload(image: ProductImage, *, actor: User | AnonymousUser) -> ProductImage:
    """The image as it is now. Said twice, it is done once.

    PermissionDenied; Refused when nothing has arrived, or what has is too large; StorageFault.
    """
    permit(actor, PERMISSION, action="upload image", subject="product", subject_id=image.product_id, image=image.pk)
    if image.status == ImageStatus.AWAITED:
        _look_at(image)
        image.refresh_from_db()
    return image


def _look_at(image: ProductImage) -> None:
    try:
        size = result_storage().stat(image.key).size  # outside of any transaction
    except ObjectMissing:
        raise Refused(f"{image.name} has not arrived in storage: upload it again.") from None
    try:
        refuse_size(image.name, size)
    except Refused as refusal:
        refuse(image.pk, str(refusal))
        raise
    with transaction.atomic():
        arrived = ProductImage.objects.filter(pk=image.pk, status=ImageStatus.AWAITED).update(
            status=ImageStatus.UPLOADED, size=size, woken_at=Now()
        )
        if arrived:
            wake_maker(image.pk)
    telemetry.event("image_uploaded", product=image.product_id, image=image.pk, size=size)
