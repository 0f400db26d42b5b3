"""Nightly: uploads that never came, and objects that no row stands for, however they came to be.

An object is nobody's when its picture has no row (rows are made before anything is put, so it had one once), or when
its picture is done and it is none of its renditions. What a worker has in hand is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from catalog.images.keys import ORIGINAL, PREFIX, folder_of
from catalog.images.leave import leave
from catalog.images.limits import AWAITED_HOURS
from catalog.images.refuse import UNFINISHED
from catalog.images.remove_image import take_away
from catalog.images.remove_leftovers import remove_leftovers
from catalog.models import ImageStatus, ProductImage, Rendition
from monitoring import telemetry
from storage import result_storage

KEYS_AT_ONCE = 1000


def clean_images() -> None:
    late = forget_late()
    orphans = 0
    keys = (item.key for item in result_storage().listing(PREFIX) if folder_of(item.key))
    while page := list(islice(keys, KEYS_AT_ONCE)):
        orphans += _leave_orphans(page)
    removed = remove_leftovers()
    telemetry.event("images_cleaned", late=late, orphans=orphans, removed=removed)


def forget_late() -> int:
    """Rows of uploads that did not come within a day."""
    before = timezone.now() - timedelta(hours=AWAITED_HOURS)
    late = ProductImage.objects.filter(status=ImageStatus.AWAITED, created_at__lt=before).order_by("product")
    forgotten = 0
    for pk, product in list(late.values_list("pk", "product")):
        with transaction.atomic():
            if late.filter(pk=pk).exists():  # it may have come at the last moment
                forgotten += take_away(product, [pk])
    return forgotten


def _leave_orphans(keys: list[str]) -> int:
    orphans = list(_orphans(keys))
    with transaction.atomic():
        leave(orphans)
    return len(orphans)


def _orphans(keys: list[str]) -> Iterator[str]:
    folders = {folder_of(key) for key in keys}
    originals = [f"{folder}{ORIGINAL}" for folder in folders]
    in_hand = {folder_of(key) for key in _keys_of_unfinished(originals)}
    shown = set(Rendition.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in keys:
        if folder_of(key) not in in_hand and key not in shown:
            yield key


def _keys_of_unfinished(originals: Iterable[str]) -> Iterable[str]:
    return ProductImage.objects.filter(key__in=list(originals), status__in=UNFINISHED).values_list("key", flat=True)
