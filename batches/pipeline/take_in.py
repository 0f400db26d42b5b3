"""Bytes from a person's hands (command, upload) land in storage, and are received from there like any other.

The key contains a hash of the content: the same bytes for the same job are the same object, however often they come.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import IO

from batches.layout import MANIFEST, RESULT_NAME, result_key
from batches.models import Job, ResultFile
from batches.pipeline.receive import receive, receive_for
from storage import result_storage
from storage.port import ObjectMissing, ResultStorage, Stat

BLOCK_BYTES = 2**20
GZIP_MAGIC = b"\x1f\x8b"


def digest_of(content: IO[bytes]) -> str:
    """sha256 of a seekable stream, in hex; the stream is at its beginning again afterwards."""
    content.seek(0)
    digest = hashlib.sha256()
    while block := content.read(BLOCK_BYTES):
        digest.update(block)
    content.seek(0)
    return digest.hexdigest()


def default_job_id(digests: Iterable[str]) -> str:
    """The job of files that came without one: named by their content, so that taking them in again changes nothing."""
    joined = "".join(sorted(digests)).encode()
    return f"file-{hashlib.sha256(joined).hexdigest()[:16]}"


def take_in(job: Job, name: str, content: IO[bytes], *, door: str) -> ResultFile:
    """Store a seekable stream under the job and receive it. StorageAway when storage cannot be written."""
    digest = digest_of(content)
    key = result_key(job.job_id, f"{digest[:12]}-{_safe_name(name, content)}")
    storage = result_storage()
    return receive_for(job, storage.bucket_name, key, _stored(storage, key, content), door=door)


def take_in_manifest(job: Job, content: IO[bytes]) -> None:
    """Store Bedrock's manifest beside the job's results, and read it."""
    storage, key = result_storage(), result_key(job.job_id, MANIFEST)
    storage.put(key, content)
    receive(storage.bucket_name, key, door="command")


def _stored(storage: ResultStorage, key: str, content: IO[bytes]) -> Stat:
    try:
        return storage.stat(key)
    except ObjectMissing:
        storage.put(key, content)
        return storage.stat(key)


def _safe_name(name: str, content: IO[bytes]) -> str:
    """The name without anything a key should not contain, and with the ending that tells how to read it."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[-100:].lstrip("-.") or "results"
    if content.read(2) == GZIP_MAGIC and ".gz" not in safe:
        safe = f"{safe}.gz"
    content.seek(0)
    stem, gzip, rest = safe.partition(".gz")
    return safe if RESULT_NAME.search(safe) else f"{stem}.jsonl{gzip}{rest if rest == '.out' else ''}"
