"""The ids that are computed, and so come out the same however often a thing is done."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable


def receipt_digest(job_id: str, image_id: str) -> bytes:
    """sha256 of `jobId#imageId` (Y4): 12 bytes are the transaction's id, 16 a trace of last resort."""
    return receipt_digests(job_id)(image_id)


def receipt_digests(job_id: str) -> Callable[[str], bytes]:
    """`receipt_digest` of many images of one job: what is the same in all of them is hashed once."""
    of_job = hashlib.sha256(f"{job_id}#".encode())

    def digest(image_id: str) -> bytes:
        of_image = of_job.copy()
        of_image.update(image_id.encode())
        return of_image.digest()

    return digest


def told_apart(image_id: str, bucket: str, key: str) -> str:
    """An image's id when the short one is another's: cameras call their pictures alike."""
    return f"{image_id[:180]}-{hashlib.sha256(f'{bucket}/{key}'.encode()).hexdigest()[:16]}"


def new_trace_id() -> str:
    """A W3C trace id: 32 hex characters."""
    return uuid.uuid4().hex
