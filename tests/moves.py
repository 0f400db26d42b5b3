"""Uploaded images for tests: in storage and in the database, as the day leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from random import Random
from typing import Any

from batches.models import ImageUpload
from batches.sample.image import receipt_png
from storage import result_storage
from tests.builders import image

PNG = receipt_png(Random(7))
USER = "user-9"


def key_of(number: int, moved: str = "") -> str:
    """Where an image was uploaded to; or, with the day in its path, where it is moved to."""
    return f"processed/{moved}/{USER}/{number}.png" if moved else f"uploads/{USER}/{number}.png"


def uploaded(numbers: Iterable[int], *, key: str = "", **more: Any) -> list[ImageUpload]:
    """Images that wait for the night, with receipts' numbers as in tests.builders."""
    storage = result_storage()
    rows = [
        ImageUpload(
            image_id=image(number), user_id=USER, bucket=storage.bucket_name, key=key or key_of(number),
            trace_id=f"{number + 1:032x}", **more,
        )
        for number in numbers
    ]  # fmt: skip
    for row in rows:
        storage.put(row.key, BytesIO(PNG))
    return ImageUpload.objects.bulk_create(rows)


def the_upload(number: int) -> ImageUpload:
    return ImageUpload.objects.select_related("job").get(image_id=image(number))


def keys(*prefixes: str) -> set[str]:
    """What lies in storage, of images."""
    return {item.key for prefix in prefixes or ("uploads/", "processed/", "elsewhere/")
            for item in result_storage().listing(prefix)}  # fmt: skip


def content_of(key: str) -> bytes:
    storage = result_storage()
    return b"".join(storage.blocks(key, storage.stat(key).version))
