"""The ids that are computed, and so come out the same however often a thing is done."""

from __future__ import annotations

import hashlib
import uuid


def receipt_digest(job_id: str, image_id: str) -> bytes:
    """sha256 of `jobId#imageId` (Y4): 12 bytes are the transaction's id, 16 a trace of last resort."""
    return hashlib.sha256(f"{job_id}#{image_id}".encode()).digest()


def told_apart(image_id: str, bucket: str, key: str) -> str:
    """An image's id when the short one is another's: cameras call their pictures alike."""
    return f"{image_id[:180]}-{hashlib.sha256(f'{bucket}/{key}'.encode()).hexdigest()[:16]}"


def new_trace_id() -> str:
    """A W3C trace id: 32 hex characters."""
    return uuid.uuid4().hex
