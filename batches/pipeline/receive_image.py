"""A photographed receipt has landed under `uploads/`: it becomes known, once per bucket + key, with its trace.

Event and sweep end here (Y9, Y10). The event says nothing about whose trace it is: that stands beside the object, if
anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.db import IntegrityError, transaction

from batches.identity import new_trace_id, told_apart
from batches.layout import ImagePlace, image_place_of
from batches.models import DeadLetter, ImageUpload
from batches.moves.start import start_late
from batches.moves.wake import wake_movers
from batches.pipeline.receive import refuse
from monitoring import telemetry
from storage import result_storage

ID_CHARS = 200
UNEXPECTED_KEY = (
    "{key} is not of the form uploads/{{user}}/{{timestamp}}-{{filename}}: move it where it belongs, or delete it."
)
ID_TAKEN = (
    "{key} calls itself image {image_id}, which is another upload's: upload it again with an id of its own in its"
    " metadata (x-amz-meta-image-id), or with none."
)
# W3C trace context, and the trace id alone; all zeros is no trace.
TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
TRACE = re.compile(r"(?P<trace>[0-9a-f]{32})")
NO_TRACE = "0" * 32


class Received(NamedTuple):
    upload: ImageUpload
    new: bool


def receive_image(bucket: str, key: str, *, version: str = "") -> Received | DeadLetter:
    """Take in an image by its key alone. A letter for what cannot be placed; once known, storage is not asked again.

    ObjectMissing and StorageAway pass through. `version` names the object in a letter.
    """
    place = image_place_of(key)
    if place is None:
        return refuse(bucket, key, version, "unexpected_key", UNEXPECTED_KEY.format(key=key))
    if known := ImageUpload.objects.filter(bucket=bucket, key=key).first():
        return Received(known, new=False)
    metadata = result_storage(bucket).metadata(key)
    image_id = metadata.get("image-id", "").strip()
    for candidate in [image_id] if image_id else _ids(place, bucket, key):
        if received := _inserted(candidate, place, bucket, key, _trace_of(metadata)):
            return received
    return refuse(bucket, key, version, "image_id_taken", ID_TAKEN.format(key=key, image_id=image_id[:ID_CHARS]))


def _ids(place: ImagePlace, bucket: str, key: str) -> list[str]:
    """The file's own name, as result lines call it; with a digest of the key behind it where that is another's."""
    return [*([place.stem] if len(place.stem) <= ID_CHARS else []), told_apart(place.stem, bucket, key)]


def _inserted(image_id: str, place: ImagePlace, bucket: str, key: str, trace_id: str) -> Received | None:
    """None when the id is another image's. Whoever inserts the key first wins, and all others get that row."""
    if len(image_id) > ID_CHARS:
        return None
    row = ImageUpload(image_id=image_id, user_id=place.user_id, bucket=bucket, key=key, trace_id=trace_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        known = ImageUpload.objects.filter(bucket=bucket, key=key).first()
        return Received(known, new=False) if known else None
    with telemetry.span("receive image", trace_id=trace_id, anchor=True):
        telemetry.event("image_received", image=image_id, trace_id=trace_id)
        if start_late([image_id]):  # its receipt was read already
            wake_movers()
    return Received(row, new=True)


def _trace_of(metadata: Mapping[str, str]) -> str:
    """The trace that the uploader began, or a new one."""
    for name, pattern in (("trace-id", TRACE), ("traceparent", TRACEPARENT)):
        match = pattern.fullmatch(metadata.get(name, "").strip().lower())
        if match and match["trace"] != NO_TRACE:
            return match["trace"]
    return new_trace_id()
