"""What S3 does for images: copies on its side, checksums, many deletions in one request, signed links and forms.

By a client of its own: shared by all threads (the one of django-storages is made anew in each), with as many
connections as threads, and without botocore's own retries, which would multiply with ours (`batches/moves/retry`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from storage.calls import called
from storage.port import (
    Fingerprint,
    ObjectChanged,
    ObjectMissing,
    StorageAway,
    StorageFault,
    StorageRefused,
    Target,
)

GONE = {"404", "NoSuchKey", "NotFound"}
CHANGED = {"412", "PreconditionFailed"}
# Refusals (4xx) that pass; any other 4xx would be repeated word for word.
PASSING = {"408", "409", "429", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "OperationAborted"}
KEYS_PER_DELETE = 1000
MD5 = re.compile(r"[0-9a-f]{32}")


class S3Moves:
    """Mixed into the storage. It has `bucket_name`, and what its client is made of."""

    bucket_name: str
    _mover: tuple[int, Any] | None = None

    @property
    def mover(self) -> Any:
        """Of this process: a client's open connections must not be shared with the process it was forked from."""
        if self._mover is None or self._mover[0] != os.getpid():
            self._mover = os.getpid(), self._make_mover()
        return self._mover[1]

    def _make_mover(self) -> Any:
        made: Any = self
        config = Config(
            signature_version="s3v4",
            retries={"total_max_attempts": 1},
            max_pool_connections=settings.MOVE_THREADS + 2,
            connect_timeout=5,
            read_timeout=30,
            **_addressing(made),
        )
        return made._create_session().client(
            "s3",
            region_name=made.region_name,
            use_ssl=made.use_ssl,
            endpoint_url=made.endpoint_url,
            verify=made.verify,
            config=made.client_config.merge(config),
        )

    @called("fingerprint")
    def fingerprint(self, key: str) -> Fingerprint:
        try:
            head = self.mover.head_object(Bucket=self.bucket_name, Key=key, ChecksumMode="ENABLED")
        except (ClientError, BotoCoreError) as fault:
            raise told_fault(key, "looked at", fault) from fault
        return Fingerprint(head["ContentLength"], _checksums(head))

    def told(self, size: int, version: str) -> Fingerprint:
        return Fingerprint(size, {"md5": version} if MD5.fullmatch(version) else {})

    @called("copy")
    def copy(self, source: str, target: str, version: str = "") -> None:
        request = {"CopySourceIfMatch": version} if version else {}
        try:
            self.mover.copy_object(
                Bucket=self.bucket_name, Key=target, CopySource={"Bucket": self.bucket_name, "Key": source}, **request
            )
        except (ClientError, BotoCoreError) as fault:
            raise told_fault(source, "copied", fault) from fault

    @called("delete")
    def remove(self, keys: Sequence[str]) -> dict[str, StorageFault]:
        faults: dict[str, StorageFault] = {}
        for at in range(0, len(keys), KEYS_PER_DELETE):
            faults |= self._remove(keys[at : at + KEYS_PER_DELETE])
        return faults

    def link(self, key: str, content_type: str, seconds: int) -> str:
        shown = {"ResponseContentType": content_type, "ResponseContentDisposition": "inline"}
        try:
            address: str = self.mover.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket_name, "Key": key, **shown}, ExpiresIn=seconds
            )
        except (ClientError, BotoCoreError) as fault:
            raise told_fault(key, "linked to", fault) from fault
        return address

    def upload_target(self, key: str, content_type: str, max_bytes: int, seconds: int) -> Target:
        """A form, because only its policy can say how large the object may be."""
        said = {"Content-Type": content_type, "success_action_status": "201"}
        conditions = [*({name: value} for name, value in said.items()), ["content-length-range", 1, max_bytes]]
        try:
            form = self.mover.generate_presigned_post(
                self.bucket_name, key, Fields=said, Conditions=conditions, ExpiresIn=seconds
            )
        except (ClientError, BotoCoreError) as fault:
            raise told_fault(key, "made ready for an upload", fault) from fault
        return Target(form["url"], "POST", form["fields"], {})

    def _remove(self, keys: Sequence[str]) -> dict[str, StorageFault]:
        try:
            answer = self.mover.delete_objects(
                Bucket=self.bucket_name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
            )
        except (ClientError, BotoCoreError) as fault:
            return {key: told_fault(key, "deleted", fault) for key in keys}
        told = {error["Key"]: _by_code(error["Key"], "deleted", error["Code"], 0, error.get("Message", ""))
                for error in answer.get("Errors", ())}  # fmt: skip
        return {key: fault for key, fault in told.items() if not isinstance(fault, ObjectMissing)}


def _addressing(made: Any) -> dict[str, Any]:
    """Links and forms that lead to the bucket's own region: the global host would send a browser on to another origin,
    which the page's policy does not let in, and a form cannot follow.
    """
    if made.endpoint_url or made.addressing_style or "." in made.bucket_name:
        return {}
    return {"s3": {"addressing_style": "virtual"}}


def told_fault(key: str, what: str, fault: Exception) -> StorageFault:
    """What S3 said, told apart: gone, changed, refused for good, or away for now."""
    if not isinstance(fault, ClientError):
        return StorageAway(f"{key} could not be {what}: {fault}.")
    status = int(fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return _by_code(key, what, fault.response["Error"]["Code"], status, fault.response["Error"].get("Message", ""))


def _by_code(key: str, what: str, code: str, status: int, message: str) -> StorageFault:
    if code in GONE:
        return ObjectMissing(f"{key} is not in storage any more.")
    if code in CHANGED:
        return ObjectChanged(f"{key} was replaced in storage.")
    refused = 400 <= status < 500 or code in {"AccessDenied", "403"}
    kind = StorageRefused if refused and code not in PASSING else StorageAway
    return kind(f"{key} could not be {what}: S3 answered {code}{f' ({message})' if message else ''}.")


def _checksums(head: dict[str, Any]) -> dict[str, str]:
    """Those that a copy keeps. A multipart upload's ETag and composite checksums depend on its parts."""
    found = {"md5": head["ETag"].strip('"')}
    kept = MD5.fullmatch(found["md5"]) and head.get("ServerSideEncryption", "AES256") == "AES256"
    if not kept or head.get("SSECustomerAlgorithm"):
        found.clear()
    if head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
        names = ("CRC64NVME", "CRC32", "CRC32C", "SHA1", "SHA256")
        # "-4" behind it: of four parts, where the type is not told.
        found |= {name: told for name in names if (told := head.get(f"Checksum{name}")) and "-" not in told}
    return found
