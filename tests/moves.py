"""Uploaded images for tests: in storage and in the database, as the day leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from random import Random
from typing import Any

from django.utils import timezone

from batches.models import ImageUpload, Job
from batches.moves.work import move
from batches.sample.image import receipt_png
from storage import result_storage
from tests.builders import a_job, error_line, image, ingested, jsonl, line

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


def today() -> str:
    return timezone.localdate().isoformat()


def states() -> dict[str, str]:
    return dict(ImageUpload.objects.values_list("image_id", "status"))


def a_job_of_images() -> Job:
    """Image 0 moved, 1 could not be, 2's source is left, 3 is not read, 4 waits."""
    uploaded(range(5))
    job = a_job()
    result_storage().remove([key_of(1)])
    ingested(jsonl([line(image(0)), line(image(1)), line(image(2)), error_line(image(3)), line(image(4))]), job=job)
    ImageUpload.objects.filter(image_id=image(3)).update(job=job)
    move()
    result_storage().put(key_of(2), BytesIO(PNG))
    ImageUpload.objects.filter(image_id=image(2)).update(status="uncleaned", error="Refused.", code="storage_refused")
    ImageUpload.objects.filter(image_id=image(4)).update(status="due")
    return job
