"""How objects are named in storage (Y1, Y9): `batch-output/{jobId}/{file}`, Bedrock's manifest beside the results;
`uploads/{userId}/{name}`, `processed/{YYYY-MM-DD}/{userId}/{name}`, `dead-letters/{jobId}/{timestamp}.json`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

MANIFEST = "manifest.json.out"
RESULT_NAME = re.compile(r"\.jsonl(\.gz)?(\.out)?$")
UPLOADS, PROCESSED, DEAD_LETTERS = "uploads/", "processed/", "dead-letters/"
MOST_KEY_BYTES = 1024  # S3's limit
JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


class Place(NamedTuple):
    job_id: str
    name: str

    @property
    def is_manifest(self) -> bool:
        return self.name == MANIFEST


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


def processed_key(key: str, day: date) -> str | None:
    """Where an upload is moved to; None when it is not an upload's key, or the new one would be too long for S3.

    The user and the name are kept as they are, so two uploads never meet, and the way back can be read off.
    """
    parts = key.removeprefix(UPLOADS).split("/")
    if not key.startswith(UPLOADS) or len(parts) < 2 or not set(parts).isdisjoint({"", ".", ".."}):
        return None
    moved = f"{PROCESSED}{day.isoformat()}/{'/'.join(parts)}"
    return moved if len(moved.encode()) <= MOST_KEY_BYTES else None


def dead_letter_key(job_id: str, at: datetime, number: int) -> str:
    """By the business's clock (Y8), to the microsecond; the number keeps two of the same moment apart."""
    return f"{DEAD_LETTERS}{job_id}/{timezone.localtime(at):%Y-%m-%dT%H%M%S.%f}-{number}.json"
