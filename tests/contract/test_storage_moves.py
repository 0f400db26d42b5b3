"""What moving images asks of storage, asked of each: copies, fingerprints, deletions, links."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from django.test import Client

from storage.filesystem import RangedFileStorage
from storage.port import (
    Fingerprint,
    ObjectChanged,
    ObjectMissing,
    ResultStorage,
    StorageAway,
    StorageRefused,
)
from storage.s3 import RangedS3Storage
from storage.s3_moves import told_fault
from tests.contract.s3 import proxy, s3_storage

SOURCE, TARGET = "uploads/user-1/2026 日本.png", "processed/2026-02-03/user-1/2026 日本.png"
CONTENT = b"\x89PNG\r\n\x1a\n" + os.urandom(5000)


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def put(storage: ResultStorage, content: bytes = CONTENT, key: str = SOURCE) -> str:
    storage.put(key, BytesIO(content))
    return storage.stat(key).version


def read(storage: ResultStorage, key: str) -> bytes:
    return b"".join(storage.blocks(key, storage.stat(key).version))


def is_there(storage: ResultStorage, key: str) -> bool:
    try:
        storage.stat(key)
    except ObjectMissing:
        return False
    return True


@pytest.mark.parametrize("versioned", [True, False])
def test_a_copy_has_the_bytes_and_the_fingerprint(storage: ResultStorage, versioned: bool) -> None:
    version = put(storage)

    storage.copy(SOURCE, TARGET, version if versioned else "")

    assert read(storage, TARGET) == read(storage, SOURCE) == CONTENT
    assert storage.fingerprint(SOURCE).agrees(storage.fingerprint(TARGET)) is True


def test_copying_again_changes_nothing(storage: ResultStorage) -> None:
    version = put(storage)
    storage.copy(SOURCE, TARGET, version)
    before = storage.stat(TARGET)

    storage.copy(SOURCE, TARGET, version)

    assert storage.stat(TARGET) == before


def test_a_copy_replaces_what_was_left_half_done(storage: ResultStorage) -> None:
    put(storage)
    put(storage, CONTENT[:100], TARGET)
    assert storage.fingerprint(SOURCE).agrees(storage.fingerprint(TARGET)) is False

    storage.copy(SOURCE, TARGET)

    assert read(storage, TARGET) == CONTENT


def test_other_bytes_of_the_same_size_have_another_fingerprint(storage: ResultStorage) -> None:
    put(storage)
    put(storage, CONTENT[::-1], TARGET)

    assert storage.fingerprint(SOURCE).agrees(storage.fingerprint(TARGET)) is False


def test_a_source_that_was_replaced_is_not_copied(tmp_path: Path) -> None:
    folder = RangedFileStorage(location=tmp_path)
    version = put(folder)
    put(folder, b"another image")

    with pytest.raises(ObjectChanged) as fault:
        folder.copy(SOURCE, TARGET, version)

    assert not fault.value.retryable
    assert not is_there(folder, TARGET)


def test_s3_is_asked_to_copy_that_version_only(s3: RangedS3Storage) -> None:
    """moto copies whatever is there: what S3 would answer is put in its place."""
    version, asked = put(s3), []

    def refuse(request: Any, **_: Any) -> AWSResponse:
        asked.append(request.headers["x-amz-copy-source-if-match"])
        content = b"<Error><Code>PreconditionFailed</Code><Message>At least one</Message></Error>"
        return AWSResponse(request.url, 412, HTTPHeaders(), _Raw(content))

    s3.mover.meta.events.register("before-send.s3.CopyObject", refuse)

    with pytest.raises(ObjectChanged):
        s3.copy(SOURCE, TARGET, version)

    assert asked == [version.encode()]


@pytest.mark.parametrize("verb", ["copy", "fingerprint"])
def test_a_missing_source_is_missing_and_not_worth_another_try(storage: ResultStorage, verb: str) -> None:
    with pytest.raises(ObjectMissing, match="user-1") as fault:
        storage.copy(SOURCE, TARGET) if verb == "copy" else storage.fingerprint(SOURCE)

    assert not fault.value.retryable
    assert not is_there(storage, TARGET)


def test_many_are_removed_at_once_and_one_that_is_gone_is_no_fault(storage: ResultStorage) -> None:
    keys = [f"uploads/user-1/{number}.png" for number in range(20)]
    for key in keys[1:]:
        put(storage, key=key)
    put(storage, key="uploads/user-1/kept.png")

    assert storage.remove(keys) == {}

    assert [item.key for item in storage.listing("uploads/")] == ["uploads/user-1/kept.png"]


def test_what_is_told_of_an_upload_agrees_with_it_or_says_nothing(storage: ResultStorage) -> None:
    version = put(storage)

    assert storage.told(len(CONTENT), version).agrees(storage.fingerprint(SOURCE)) is not False
    assert storage.told(len(CONTENT) + 1, version).agrees(storage.fingerprint(SOURCE)) is False


def test_what_is_told_by_s3_is_enough(s3: RangedS3Storage) -> None:
    """With the size and ETag of the upload's event at hand, the source need not be looked at again."""
    version = put(s3)

    assert s3.told(len(CONTENT), version).agrees(s3.fingerprint(SOURCE)) is True


def test_an_upload_in_parts_is_told_by_no_etag(s3: RangedS3Storage) -> None:
    """Its ETag is not that of its copy; S3 has a checksum of the whole, or else the bytes are compared."""
    s3.client.upload_fileobj(
        BytesIO(os.urandom(6 * 2**20)), s3.bucket_name, SOURCE,
        Config=TransferConfig(multipart_threshold=1, multipart_chunksize=5 * 2**20),
    )  # fmt: skip
    assert "-" in s3.stat(SOURCE).version
    s3.copy(SOURCE, TARGET)

    assert s3.fingerprint(SOURCE).agrees(s3.fingerprint(TARGET)) is not False
    assert s3.told(6 * 2**20, s3.stat(SOURCE).version).checksums == {}


def test_fingerprints_without_a_common_checksum_leave_it_open() -> None:
    assert Fingerprint(3, {"md5": "a"}).agrees(Fingerprint(3, {"CRC32": "b"})) is None
    assert Fingerprint(3, {}).agrees(Fingerprint(4, {})) is False
    assert Fingerprint(3, {"md5": "a", "CRC32": "x"}).agrees(Fingerprint(3, {"md5": "a", "CRC32": "y"})) is False


def test_a_link_of_s3_shows_the_object_for_a_while(s3: RangedS3Storage) -> None:
    put(s3)

    address = s3.link(SOURCE, "image/png", 60)

    with urllib.request.urlopen(address) as answer:
        assert answer.read() == CONTENT
        assert answer.headers["Content-Type"] == "image/png"
    assert "X-Amz-Expires=60" in address
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address
    assert "test" not in address.replace("X-Amz-Credential=test", ""), "the secret is not in it"


def test_a_link_is_made_without_asking_storage() -> None:
    assert s3_storage("http://127.0.0.1:1", "nowhere").link(SOURCE, "image/png", 60).startswith("http://127.0.0.1:1/")


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:No directory at")
def test_a_link_of_the_folder_shows_the_object(admin_client: Client, storage_folder: Path) -> None:
    folder = RangedFileStorage(location=storage_folder)
    put(folder)

    response: Any = admin_client.get(folder.link(SOURCE, "image/png", 60))

    assert b"".join(response.streaming_content) == CONTENT
    assert response["Content-Type"] == "image/png"


@pytest.mark.parametrize("verb", ["copy", "fingerprint", "remove"])
def test_a_service_that_answers_503_is_away(s3: RangedS3Storage, s3_endpoint: str, verb: str) -> None:
    put(s3)
    with proxy(s3_endpoint) as between:
        between.refusals = 1  # one request, one answer: whoever calls decides about tries
        fault = fault_of(s3_storage(between.endpoint, s3.bucket_name), verb)
        assert between.refusals == 0

    assert isinstance(fault, StorageAway)
    assert fault.retryable


@pytest.mark.parametrize("verb", ["copy", "fingerprint", "remove"])
def test_a_bucket_that_is_not_there_is_no_reason_to_try_again(s3_endpoint: str, verb: str) -> None:
    fault = fault_of(s3_storage(s3_endpoint, "no-such-bucket"), verb)

    assert fault is not None
    assert not fault.retryable


def test_refusals_are_told_from_faults_that_pass() -> None:
    from botocore.exceptions import ClientError, EndpointConnectionError

    def told(code: str, status: int) -> type:
        answer: Any = {"Error": {"Code": code, "Message": "…"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return type(told_fault("k", "copied", ClientError(answer, "CopyObject")))

    assert told("AccessDenied", 403) is told("EntityTooLarge", 400) is told("NoSuchBucket", 404) is StorageRefused
    assert told("SlowDown", 503) is told("InternalError", 500) is told("RequestTimeout", 400) is StorageAway
    assert told("NoSuchKey", 404) is ObjectMissing
    assert told("PreconditionFailed", 412) is ObjectChanged
    assert type(told_fault("k", "copied", EndpointConnectionError(endpoint_url="x"))) is StorageAway


def test_a_folder_that_refuses_says_so(tmp_path: Path) -> None:
    folder = RangedFileStorage(location=tmp_path)
    (tmp_path / "uploads" / "user-1").mkdir(parents=True)

    faults = folder.remove(["uploads/user-1"])

    assert [type(fault) for fault in faults.values()] == [StorageRefused]


def fault_of(storage: RangedS3Storage, verb: str) -> Any:
    if verb == "remove":
        return storage.remove([SOURCE]).get(SOURCE)
    try:
        storage.copy(SOURCE, TARGET) if verb == "copy" else storage.fingerprint(SOURCE)
    except Exception as fault:
        return fault
    return None
