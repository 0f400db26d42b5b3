"""Networks: a connection that breaks is taken up again, a service that refuses is away, and never is a byte wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from storage import s3 as s3_module
from storage.filesystem import RangedFileStorage
from storage.port import ObjectChanged, StorageAway
from storage.s3 import RangedS3Storage
from tests.contract.s3 import Proxy, proxy, s3_storage
from tests.ports import free_port

KEY = "batch-output/job-1/results.jsonl"
CONTENT = os.urandom(2_500_000)


@pytest.fixture
def line(s3_endpoint: str, s3: RangedS3Storage) -> Iterator[tuple[Proxy, RangedS3Storage]]:
    """A storage that reaches its bucket through a proxy; CONTENT is in it."""
    s3.put(KEY, BytesIO(CONTENT))
    with proxy(s3_endpoint) as between:
        yield between, s3_storage(between.endpoint, s3.bucket_name)


def version_of(storage: RangedS3Storage) -> str:
    return storage.stat(KEY).version


@pytest.mark.parametrize("start", [0, 777])
@pytest.mark.parametrize("cuts", [[1_000_000], [0], [1_200_000, 100, 900_000], [0, 0, 0, 0]])
def test_a_broken_connection_is_resumed_at_the_next_byte(
    cuts: list[int], start: int, line: tuple[Proxy, RangedS3Storage]
) -> None:
    between, storage = line
    version = version_of(storage)
    between.cuts = list(cuts)

    content = b"".join(storage.blocks(KEY, version, start))

    assert content == CONTENT[start:]
    assert between.gets == len(cuts) + 1


def test_a_connection_that_breaks_again_and_again_is_storage_away(line: tuple[Proxy, RangedS3Storage]) -> None:
    between, storage = line
    version = version_of(storage)
    between.cuts = [0] * 100

    with pytest.raises(StorageAway, match=f"{KEY} could not be read") as fault:
        list(storage.blocks(KEY, version))

    assert fault.value.retryable
    assert between.gets == s3_module.RESUMES + 1


def test_progress_makes_the_tries_start_anew(line: tuple[Proxy, RangedS3Storage]) -> None:
    between, storage = line
    version = version_of(storage)
    between.reset = False  # so that what was sent before the break arrives
    between.cuts = [0] * 5 + [1_100_000] + [0] * 4

    assert b"".join(storage.blocks(KEY, version)) == CONTENT


def test_an_object_replaced_while_a_connection_is_down_is_not_mixed(
    line: tuple[Proxy, RangedS3Storage], s3: RangedS3Storage
) -> None:
    between, storage = line
    version = version_of(storage)
    between.reset = False
    between.cuts = [1_500_000]
    blocks = storage.blocks(KEY, version)
    first = next(blocks)
    assert CONTENT.startswith(first)
    s3.put(KEY, BytesIO(CONTENT[::-1]))

    with pytest.raises(ObjectChanged):
        list(blocks)


@pytest.mark.parametrize("verb", ["stat", "blocks", "put", "listing"])
def test_a_service_that_answers_503_is_away(verb: str, line: tuple[Proxy, RangedS3Storage]) -> None:
    between, storage = line
    version = version_of(storage)
    between.refusals = 20

    with pytest.raises(StorageAway, match="could not be") as fault:
        _ask(storage, verb, version)

    assert fault.value.retryable


@pytest.mark.parametrize("verb", ["stat", "blocks", "put", "listing"])
def test_a_service_that_is_not_there_is_away(verb: str, s3: RangedS3Storage) -> None:
    with pytest.raises(StorageAway):
        _ask(s3_storage(f"http://127.0.0.1:{free_port()}", s3.bucket_name), verb, "version")


def test_no_credentials_is_away(s3: RangedS3Storage, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")

    with pytest.raises(StorageAway, match="credentials"):
        s3_storage(s3_endpoint, s3.bucket_name).stat(KEY)


def _ask(storage: RangedS3Storage, verb: str, version: str) -> None:
    match verb:
        case "stat":
            storage.stat(KEY)
        case "blocks":
            list(storage.blocks(KEY, version))
        case "put":
            storage.put(KEY, BytesIO(b"x"))
        case "listing":
            list(storage.listing("batch-output/"))


def test_a_folder_that_is_in_the_way_is_away(tmp_path: Path) -> None:
    storage = RangedFileStorage(location=tmp_path)
    (tmp_path / "batch-output").write_text("a file where a folder should be")

    with pytest.raises(StorageAway, match="could not be looked at"):
        storage.stat(KEY)
    with pytest.raises(StorageAway, match="could not be read"):
        list(storage.blocks(KEY, "version"))
    with pytest.raises(StorageAway, match="could not be written"):
        storage.put(KEY, BytesIO(b"x"))
