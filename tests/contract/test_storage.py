"""What the engine asks of storage, asked of each: versions, ranges, replacing, listing, and faults told apart."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from storage.filesystem import RangedFileStorage
from storage.port import ObjectChanged, ObjectMissing, ResultStorage
from storage.s3 import RangedS3Storage

KEY = "batch-output/job-1/results.jsonl"
MIB = 2**20


def put(storage: ResultStorage, content: bytes, key: str = KEY) -> str:
    storage.put(key, BytesIO(content))
    return storage.stat(key).version


def remove(storage: ResultStorage, key: str = KEY) -> None:
    assert isinstance(storage, RangedS3Storage | RangedFileStorage)
    if isinstance(storage, RangedS3Storage):
        storage.client.delete_object(Bucket=storage.bucket_name, Key=key)
    else:
        storage.delete(key)


def read(storage: ResultStorage, version: str, start: int = 0) -> bytes:
    return b"".join(storage.blocks(KEY, version, start))


def test_what_is_put_can_be_looked_at_and_read(storage: ResultStorage) -> None:
    version = put(storage, b"hello")

    assert storage.stat(KEY) == (5, version)
    assert read(storage, version) == b"hello"


@pytest.mark.parametrize("start", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 16, 3 * MIB + 17])
def test_reading_from_an_offset_to_the_end(storage: ResultStorage, start: int) -> None:
    content = os.urandom(3 * MIB + 17)
    version = put(storage, content)

    blocks = list(storage.blocks(KEY, version, start))

    assert b"".join(blocks) == content[start:]
    assert all(0 < len(block) <= MIB for block in blocks)


def test_an_empty_object(storage: ResultStorage) -> None:
    version = put(storage, b"")

    assert storage.stat(KEY).size == 0
    assert list(storage.blocks(KEY, version)) == []


def test_nothing_is_read_before_it_is_asked_for(storage: ResultStorage) -> None:
    version = put(storage, b"x" * 3 * MIB)

    blocks = storage.blocks(KEY, version)

    assert len(next(blocks)) <= MIB
    blocks.close()  # type: ignore[attr-defined]


def test_put_replaces_and_the_version_tells(storage: ResultStorage) -> None:
    before = put(storage, b"one")

    after = put(storage, b"two")

    assert before != after
    assert read(storage, after) == b"two"


def test_the_same_bytes_put_again_keep_the_version(storage: ResultStorage) -> None:
    assert put(storage, b"same") == put(storage, b"same")


@pytest.mark.parametrize("other", [b"other", b"longer than before", b"s", b""])
@pytest.mark.parametrize("start", [0, 1, 4])
def test_another_version_is_never_read(storage: ResultStorage, other: bytes, start: int) -> None:
    """However long the new one is: shorter than `start`, there is nothing in it that could be read."""
    version = put(storage, b"first")
    put(storage, other)

    with pytest.raises(ObjectChanged, match="was replaced in storage while it was being read") as fault:
        read(storage, version, start)

    assert (fault.value.code, fault.value.retryable) == ("file_replaced", False)


def test_a_deleted_object_is_missing(storage: ResultStorage) -> None:
    version = put(storage, b"first")
    remove(storage)

    with pytest.raises(ObjectMissing, match=r"deleted from storage|not in storage") as fault:
        read(storage, version)
    assert (fault.value.code, fault.value.retryable) == ("file_deleted", False)
    with pytest.raises(ObjectMissing, match=KEY):
        storage.stat(KEY)


def test_an_object_that_never_was_is_missing(storage: ResultStorage) -> None:
    with pytest.raises(ObjectMissing):
        storage.stat("batch-output/job-1/nothing.jsonl")


def test_listing_tells_what_stat_tells(storage: ResultStorage) -> None:
    keys = [f"batch-output/job-{number}/日本 {number}.jsonl" for number in range(3)]
    for number, key in enumerate(keys):
        put(storage, b"x" * number, key)
    put(storage, b"elsewhere", "uploads/a.jsonl")

    listed = {item.key: (item.size, item.version) for item in storage.listing("batch-output/")}

    assert listed == {key: tuple(storage.stat(key)) for key in keys}


def test_listing_nothing(storage: ResultStorage) -> None:
    assert list(storage.listing("batch-output/")) == []


def test_a_bucket_has_a_name(storage: ResultStorage) -> None:
    assert storage.bucket_name


def test_a_half_written_file_is_not_listed(tmp_path: Path) -> None:
    folder = RangedFileStorage(location=tmp_path)

    class Breaks(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise RuntimeError("cut off")
            return super().read(10)

    with pytest.raises(RuntimeError):
        folder.put(KEY, Breaks(b"x" * 100))

    assert list(folder.listing("batch-output/")) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_djangos_own_verbs_work_on_a_folder(tmp_path: Path) -> None:
    _use_as_django_does(RangedFileStorage(location=tmp_path))


def test_djangos_own_verbs_work_on_s3(s3: RangedS3Storage) -> None:
    _use_as_django_does(s3)


def _use_as_django_does(storage: Storage) -> None:
    name = storage.save("images/a.png", ContentFile(b"image"))
    assert storage.exists(name)
    with storage.open(name) as file:
        assert file.read() == b"image"
    storage.delete(name)
    assert not storage.exists(name)


@pytest.mark.parametrize("after", ["", "p/", "p/a", "p/a/2", "p/b", "p/zz"])
def test_a_listing_goes_on_behind_any_key(storage: ResultStorage, after: str) -> None:
    keys = ["p/a/1", "p/a/2", "p/a.txt", "p/b", "p/レシート", "p/z/1"]
    for key in [*keys, "q/1"]:
        put(storage, b"x", key)

    assert [item.key for item in storage.listing("p/", after)] == sorted(key for key in keys if key > after)


def test_what_stands_beside_an_object(s3: RangedS3Storage) -> None:
    s3.client.put_object(Bucket=s3.bucket_name, Key=KEY, Body=b"x", Metadata={"Trace-Id": "abc"})

    assert s3.metadata(KEY) == {"trace-id": "abc"}


def test_nothing_stands_beside_a_file(storage: ResultStorage) -> None:
    put(storage, b"x")

    assert storage.metadata(KEY) == {}
    with pytest.raises(ObjectMissing):
        storage.metadata("elsewhere")
