from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import timezone
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from monitoring.cloudwatch import send
from tests.contract.conftest import AWS


@pytest.fixture(scope="package")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def namespace(endpoint: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    settings.CLOUDWATCH_METRICS, settings.CLOUDWATCH_ENDPOINT_URL = True, endpoint
    settings.CLOUDWATCH_REGION, settings.CLOUDWATCH_NAMESPACE = "ap-northeast-1", f"Test{uuid.uuid4().hex[:8]}"
    send._absence._since = None
    return str(settings.CLOUDWATCH_NAMESPACE)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=45, microsecond=0)
