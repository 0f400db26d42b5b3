"""Bedrock's manifest: how many records it says it processed, to be held against our own counts."""

from __future__ import annotations

import msgspec

from batches.models import Job
from monitoring import telemetry
from storage import result_storage

MOST_BYTES = 2**20


class Manifest(msgspec.Struct, rename="camel"):
    """`manifest.json.out`. The names are Bedrock's."""

    total_record_count: int
    success_record_count: int
    error_record_count: int
    processed_record_count: int | None = None
    input_token_count: int | None = None
    output_token_count: int | None = None


def read_manifest(job: Job, bucket: str, key: str, version: str) -> None:
    """Keep the manifest with its job. One that cannot be read is kept as its fault: the results do not depend on it."""
    if job.manifest_version == version:
        return
    body = bytearray()
    for block in result_storage(bucket).blocks(key, version):
        body += block
        if len(body) > MOST_BYTES:
            break
    Job.objects.filter(pk=job.pk).update(manifest=_decoded(bytes(body)), manifest_version=version)


def _decoded(body: bytes) -> dict[str, object]:
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        telemetry.event("manifest_unreadable", error=str(fault))
        return {"fault": f"The manifest cannot be read: {fault}."}
    return dict(msgspec.to_builtins(manifest))
