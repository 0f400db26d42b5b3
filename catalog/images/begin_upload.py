"""A picture is announced: its row is made, and the browser is told where to put the file."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import Max

from catalog.images.keys import new_original
from catalog.images.kinds import ALLOWED, TYPES, kind_claimed, other_claimed
from catalog.images.limits import MAX_BYTES, MOST_IMAGES, TARGET_SECONDS
from catalog.images.locked import locked_product
from catalog.images.permitted import PERMISSION
from catalog.images.refused import Refused
from catalog.models import Product, ProductImage
from monitoring import telemetry
from monitoring.audit import permit, record
from storage import result_storage
from storage.port import Target

MEGABYTES = MAX_BYTES // 2**20
NAME_CHARS = 200


class Begun(NamedTuple):
    image: ProductImage
    target: Target


def begin_upload(product: int, *, name: str, size: int, content_type: str, actor: User | AnonymousUser) -> Begun:
    """PermissionDenied, Refused, StorageFault. What is claimed of the file is held against its bytes later."""
    user = permit(actor, PERMISSION, action="upload image", subject="product", subject_id=product)
    name = _plain_name(name)
    _refuse_early(name, size)
    content_type = _type_of(name, content_type)
    key = new_original(product)
    # Before there is a row: storage that cannot be reached leaves nothing behind.
    target = result_storage().upload_target(key, content_type, MAX_BYTES, TARGET_SECONDS)
    with transaction.atomic():
        image = _made(locked_product(product), key=key, name=name, content_type=content_type, uploaded_by=user)
        record(user, "upload image", "product", product, image=image.pk, key=key)
    telemetry.event("image_upload_begun", product=product, image=image.pk, size=size)
    return Begun(image, target)


def _made(product: Product, **fields: object) -> ProductImage:
    """The product's row is locked: two uploads at once do not take the same place."""
    images = ProductImage.objects.filter(product=product)
    if images.count() >= MOST_IMAGES:
        raise Refused(f"A product has {MOST_IMAGES} images at most: remove one first.")
    last = images.aggregate(last=Max("position"))["last"] or 0
    return ProductImage.objects.create(product=product, position=last + 1, **fields)


def _plain_name(name: str) -> str:
    """Of the file alone, shortened at its front: its ending says something."""
    printable = "".join(letter for letter in name if letter.isprintable())
    return printable.replace("\\", "/").rpartition("/")[2].strip()[-NAME_CHARS:] or "The file"


def _refuse_early(name: str, size: int) -> None:
    if other := other_claimed(name):
        raise Refused(f"{name} is {other} by its name: save it as {ALLOWED}, and upload that.")
    refuse_size(name, size)


def refuse_size(name: str, size: int) -> None:
    if size <= 0:
        raise Refused(f"{name} is empty (0 bytes): there is nothing to show.")
    if size > MAX_BYTES:
        raise Refused(
            f"{name} has {size / 2**20:.1f} MB: at most {MEGABYTES} MB. Save it smaller, and upload it again."
        )


def _type_of(name: str, content_type: str) -> str:
    """What it will be stored as; never a type that a browser would run."""
    if content_type.lower() in TYPES:
        return TYPES[content_type.lower()].content_type
    claimed = kind_claimed(name, "")
    return claimed.content_type if claimed else "application/octet-stream"
