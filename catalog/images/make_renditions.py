"""A file that was uploaded becomes renditions, and is then deleted: with it goes what a photo says of its place.

Renditions are put into storage first, under keys that the row tells, then rows and status follow in one transaction.
Killed before that, another worker puts the same bytes into the same places; killed after it, the original's key is
among the leftovers already.
"""

from __future__ import annotations

from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from django.db import transaction

from catalog.images.claim import Claimed, LeaseLost, claim, held, release, renew
from catalog.images.decode import Picture, decode
from catalog.images.encode import LARGE, Encoded, encoded
from catalog.images.keys import beside
from catalog.images.leave import all_keys, leave
from catalog.images.limits import MAX_BYTES
from catalog.images.refuse import refuse
from catalog.images.refused import Refused
from catalog.models import ImageStatus, ProductImage, Rendition
from monitoring import telemetry
from monitoring.context import carrying
from storage import result_storage
from storage.port import ObjectMissing, StorageFault


def make_renditions(image: int) -> bool:
    """Whether it became ready by this call."""
    if (claimed := claim(image)) is None:
        return False
    with carrying(image=image):
        try:
            picture = _fetched_picture(claimed)
            return _ready(claimed, picture, _put(claimed, picture))
        except LeaseLost:
            _sweep_up(claimed)
        except Refused as refusal:
            refuse(image, str(refusal), lease=claimed.lease)
        except ObjectMissing:
            refuse(image, f"{claimed.name} is not in storage any more: upload it again.", lease=claimed.lease)
        except StorageFault as fault:
            telemetry.event("renditions_put_off", code=fault.code, error=str(fault))
            release(claimed, str(fault), uncounted=fault.retryable)
    return False


def _fetched_picture(claimed: Claimed) -> Picture:
    with TemporaryFile() as file:
        _fetch(claimed, file)
        renew(claimed)
        return decode(file, claimed.name, claimed.content_type, LARGE.longest)


def _fetch(claimed: Claimed, file: IO[bytes]) -> None:
    """Of one version: a browser may still replace the object, but not while it is being read."""
    storage = result_storage()
    size, version = storage.stat(claimed.key)
    if size > MAX_BYTES:
        raise Refused(f"{claimed.name} is larger than was told: at most {MAX_BYTES // 2**20} MB are taken.")
    for block in storage.blocks(claimed.key, version):
        file.write(block)


def _put(claimed: Claimed, picture: Picture) -> list[Rendition]:
    """The rows of what lies in storage now."""
    storage, rows = result_storage(), []
    for one in encoded(picture.pixels):
        renew(claimed)
        key = beside(claimed.key, one.form.file)
        storage.put(key, BytesIO(one.content))
        rows.append(_row(claimed, one, key))
    return rows


def _row(claimed: Claimed, one: Encoded, key: str) -> Rendition:
    return Rendition(
        image_id=claimed.image, name=one.form.name, content_type=one.form.content_type, key=key, width=one.width,
        height=one.height, size=len(one.content),
    )  # fmt: skip


def _ready(claimed: Claimed, picture: Picture, rows: list[Rendition]) -> bool:
    with transaction.atomic():
        ours = held(claimed).update(
            status=ImageStatus.READY, content_type=picture.kind.content_type, width=picture.width,
            height=picture.height, failure="", leased_until=None,
        )  # fmt: skip
        if not ours:
            raise LeaseLost
        Rendition.objects.bulk_create(rows)
        leave([claimed.key])
    telemetry.event("renditions_made", width=picture.width, height=picture.height, kind=picture.kind.name)
    return True


def _sweep_up(claimed: Claimed) -> None:
    """Removed or refused while it was in hand: what was put into storage meanwhile is nobody's.

    Kept by another worker that has it now, the same keys are that worker's.
    """
    status = ProductImage.objects.filter(pk=claimed.image).values_list("status", flat=True).first()
    if status in (None, ImageStatus.REFUSED):
        with transaction.atomic():
            leave(all_keys(claimed.key))
