"""The storages that have to behave alike: a folder, and S3 as moto serves it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from storage.filesystem import RangedFileStorage
from storage.port import ResultStorage
from storage.s3 import RangedS3Storage
from tests.contract.s3 import fresh_bucket, s3_storage

AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
    "AWS_MAX_ATTEMPTS": "1",  # what is retried, and how often, is ours to say here
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def s3(s3_endpoint: str, _aws: None) -> RangedS3Storage:
    return s3_storage(s3_endpoint, fresh_bucket(s3_endpoint))


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStorage:
    if request.param == "folder":
        return RangedFileStorage(location=tmp_path / "contract")
    made: ResultStorage = request.getfixturevalue("s3")
    return made
