"""Put the sample where the day and the night would have put it: images and jobs by day, result files at night."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from random import Random

from batches.models import ImageUpload, Job
from batches.pipeline.open_job import open_job
from batches.sample.image import receipt_png
from batches.sample.nights import Image, Night
from storage import result_storage
from storage.port import ObjectMissing

ROWS_PER_INSERT = 2000


def is_landed(night: Night) -> bool:
    """Whether a former run has put the night's result file into storage: it is the last thing `land` does."""
    try:
        return result_storage().stat(night.result_key).size == len(night.results())
    except ObjectMissing:
        return False


def land(night: Night, seen: Callable[[int], None]) -> None:
    """Images, job, manifest and at last the results. Interrupted, it goes on where it was. `seen` counts images."""
    if is_landed(night):  # its images may have been moved since: they are not uploaded twice
        seen(len(night.images))
        return
    job = open_job(night.job_id, kind="receipts", user_id="team", intent_id=night.intent_id, model_id=night.model_id)
    _upload(night.images, job, seen)
    storage = result_storage()
    storage.put(night.manifest_key, io.BytesIO(night.manifest()))
    storage.put(night.result_key, io.BytesIO(night.results()))


def _upload(images: Sequence[Image], job: Job, seen: Callable[[int], None]) -> None:
    """The rows first: a sweep that comes by meanwhile finds the images known, with the traces they have here."""
    storage, rows = result_storage(), []
    for image in images:
        rows.append(
            ImageUpload(
                image_id=image.image_id,
                user_id=image.user_id,
                bucket=storage.bucket_name,
                key=image.key,
                trace_id=image.trace_id,
                job=job,
            )
        )
    ImageUpload.objects.bulk_create(rows, batch_size=ROWS_PER_INSERT, ignore_conflicts=True)
    for image in images:
        if not image.lost:
            storage.put(image.key, io.BytesIO(receipt_png(Random(image.image_id))))  # noqa: S311 - a picture
        seen(1)
