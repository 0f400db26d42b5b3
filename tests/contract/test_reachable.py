"""A storage that answers, empty or not; one that is away, and one that is not there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from storage.filesystem import RangedFileStorage
from storage.port import ResultStorage, StorageFault
from storage.reachable import assure_reachable
from tests.contract.s3 import s3_storage
from tests.ports import free_port


def test_a_storage_that_answers(storage: ResultStorage) -> None:
    assure_reachable(storage)
    storage.put("batch-output/job-1/results.jsonl", BytesIO(b"x"))
    assure_reachable(storage)

    assert [listed.key for listed in storage.listing("")] == ["batch-output/job-1/results.jsonl"]


def test_a_bucket_that_is_not_there(s3_endpoint: str) -> None:
    with pytest.raises(StorageFault):
        assure_reachable(s3_storage(s3_endpoint, "no-such-bucket"))


def test_a_service_that_is_away() -> None:
    with pytest.raises(StorageFault):
        assure_reachable(s3_storage(f"http://127.0.0.1:{free_port()}", "bucket"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()

    with pytest.raises(StorageFault):
        assure_reachable(RangedFileStorage(location=tmp_path / "a-file" / "storage"))
