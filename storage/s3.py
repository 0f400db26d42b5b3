"""S3 as storage: reads pinned to one ETag, resumed at the byte where a connection broke."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError, ResponseStreamingError
from storages.backends.s3 import S3Storage

from storage.calls import called, streamed
from storage.port import Listed, ObjectChanged, ObjectMissing, Stat, StorageAway
from storage.s3_moves import S3Moves

BLOCK_BYTES = 2**20
# A chunk that ends within a range drops the rest of its connection: small enough not to waste much.
RANGE_BYTES = 4 * 2**20
RESUMES = 5
GONE = {"404", "NoSuchKey", "NotFound"}
CHANGED = {"412", "PreconditionFailed"}


class RangedS3Storage(S3Moves, S3Storage):  # type: ignore[misc]
    _open = called("open")(S3Storage._open)
    _save = called("put")(S3Storage._save)
    delete = called("delete")(S3Storage.delete)

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    @called("stat")
    def stat(self, key: str) -> Stat:
        head = self._head(key)
        return Stat(head["ContentLength"], head["ETag"].strip('"'))

    @called("metadata")
    def metadata(self, key: str) -> dict[str, str]:
        return {name.lower(): value for name, value in self._head(key)["Metadata"].items()}

    @streamed("read")
    def blocks(self, key: str, version: str, start: int = 0) -> Iterator[bytes]:
        """Ranged GETs, one after the other; read ahead, the next is on its way while the last is worked on.

        A reset connection is taken up again at the next byte; IfMatch keeps every request on the same bytes.
        """
        size, now = self.stat(key)
        if now != version:  # a shorter object has nothing at `start`, so no request would notice
            raise ObjectChanged(f"{key} was replaced in storage while it was being read.")
        tries = 0
        while start < size:
            try:
                for block in self._body(key, version, start).iter_chunks(BLOCK_BYTES):
                    start += len(block)
                    tries = 0
                    yield block
            except (ClientError, BotoCoreError, OSError) as fault:
                tries += 1
                if not isinstance(fault, (ResponseStreamingError, IncompleteReadError, OSError)) or tries > RESUMES:
                    raise _fault(key, fault) from fault

    @called("put")
    def put(self, key: str, content: IO[bytes]) -> None:
        try:
            self.client.upload_fileobj(content, self.bucket_name, key)
        except (ClientError, BotoCoreError) as fault:
            raise _fault(key, fault) from fault

    @streamed("list")
    def listing(self, prefix: str, after: str = "") -> Iterator[Listed]:
        where = {"Bucket": self.bucket_name, "Prefix": prefix} | ({"StartAfter": after} if after else {})
        pages = self.client.get_paginator("list_objects_v2").paginate(**where)
        try:
            for page in pages:
                for item in page.get("Contents", ()):
                    yield Listed(item["Key"], item["Size"], item["ETag"].strip('"'))
        except (ClientError, BotoCoreError) as fault:
            raise _fault(prefix, fault) from fault

    def _head(self, key: str) -> Any:
        try:
            return self.client.head_object(Bucket=self.bucket_name, Key=key)
        except (ClientError, BotoCoreError) as fault:
            raise _fault(key, fault) from fault

    def _body(self, key: str, version: str, start: int) -> Any:
        request = {
            "Bucket": self.bucket_name,
            "Key": key,
            "IfMatch": version,
            "Range": f"bytes={start}-{start + RANGE_BYTES - 1}",
        }
        return self.client.get_object(**request)["Body"]


def _fault(key: str, fault: Exception) -> ObjectMissing | ObjectChanged | StorageAway:
    code = fault.response["Error"]["Code"] if isinstance(fault, ClientError) else ""
    if code in GONE:
        return ObjectMissing(f"{key} was deleted from storage.")
    if code in CHANGED:
        return ObjectChanged(f"{key} was replaced in storage while it was being read.")
    return StorageAway(f"{key} could not be read: {fault}.")
