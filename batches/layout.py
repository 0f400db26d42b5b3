"""How objects are named in storage.

`batch-output/{jobId}/{file}` with Bedrock's manifest beside the results (Y1); photographed receipts as
`uploads/{userId}/{timestamp}-{filename}`, later `processed/{YYYY-MM-DD}/{userId}/{name}` (Y9);
`dead-letters/{jobId}/{timestamp}.json`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

MANIFEST = "manifest.json.out"
RESULT_NAME = re.compile(r"\.jsonl(\.gz)?(\.out)?$")
PROCESSED, DEAD_LETTERS = "processed/", "dead-letters/"
MOST_KEY_BYTES = 1024  # S3's limit
# 1763542800000-…, 20261119T090000Z-…, 2026-11-19T09:00:00+09:00-…
_TIMESTAMP = r"(?:\d{8,17}(?:T\d{4,6}(?:\.\d+)?Z?)?|\d{4}-\d\d-\d\d[T_][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)"
IMAGE_NAME = re.compile(rf"(?:{_TIMESTAMP}-)?(?P<stem>.+?)(?:\.[A-Za-z0-9]{{1,5}})?", re.ASCII | re.DOTALL)
USER_CHARS = 200
JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


class Place(NamedTuple):
    job_id: str
    name: str

    @property
    def is_manifest(self) -> bool:
        return self.name == MANIFEST


class ImagePlace(NamedTuple):
    """`stem` is the file's own name, without timestamp and ending: what result lines call the image by."""

    user_id: str
    stem: str


def place_of(key: str) -> Place | None:
    """What a key says; None when it is not a result file's or a manifest's."""
    if not key.startswith(settings.RESULT_PREFIX):
        return None
    job_id, _, name = key.removeprefix(settings.RESULT_PREFIX).partition("/")
    if not JOB_ID.fullmatch(job_id) or "/" in name or not (name == MANIFEST or RESULT_NAME.search(name)):
        return None
    return Place(job_id, name)


def result_key(job_id: str, name: str) -> str:
    return f"{settings.RESULT_PREFIX}{job_id}/{name}"


def image_place_of(key: str) -> ImagePlace | None:
    """What the key of a photographed receipt says; None when it is not one's."""
    if not key.startswith(settings.UPLOAD_PREFIX):
        return None
    user_id, _, name = key.removeprefix(settings.UPLOAD_PREFIX).partition("/")
    match = IMAGE_NAME.fullmatch(name)
    if not 0 < len(user_id) <= USER_CHARS or "/" in name or match is None:
        return None
    return ImagePlace(user_id, match["stem"])


def is_folder(key: str) -> bool:
    """Consoles mark an empty folder by an empty object whose key ends in a slash."""
    return key.endswith("/")


def processed_key(key: str, day: date) -> str | None:
    """Where an upload is moved to; None when it is not an upload's key, or the new one would be too long for S3.

    The user and the name are kept as they are, so two uploads never meet, and the way back can be read off.
    """
    parts = key.removeprefix(settings.UPLOAD_PREFIX).split("/")
    if not key.startswith(settings.UPLOAD_PREFIX) or len(parts) < 2 or not set(parts).isdisjoint({"", ".", ".."}):
        return None
    moved = f"{PROCESSED}{day.isoformat()}/{'/'.join(parts)}"
    return moved if len(moved.encode()) <= MOST_KEY_BYTES else None


def dead_letter_key(job_id: str, at: datetime, number: int) -> str:
    """By the business's clock (Y8), to the microsecond; the number keeps two of the same moment apart."""
    return f"{DEAD_LETTERS}{job_id}/{timezone.localtime(at):%Y-%m-%dT%H%M%S.%f}-{number}.json"
