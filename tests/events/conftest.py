from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from batches.doors.aws.setup import Setup
from embedded.process import die_with_parent, wait_until
from embedded.state import port_is_free
from tests.contract.conftest import AWS
from tests.events.cloud import Cloud
from tests.faults.site import PATIENCE
from tests.faults.web import free_port


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """moto's server, in a process of its own: long polls must not hold up the tests' interpreter."""
    import signal

    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls, no locks
    )
    assert wait_until(lambda: not port_is_free(port), PATIENCE)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bare_cloud(aws_url: str, settings: Settings, _aws: None) -> Cloud:
    """Settings for a bucket and queues that do not exist yet."""
    cloud = Cloud(aws_url, f"events-{uuid.uuid4().hex[:10]}")
    cloud.configure(settings)
    return cloud


@pytest.fixture
def cloud(bare_cloud: Cloud, settings: Settings) -> Cloud:
    """Set up by setup_aws's own verb, with an empty queue."""
    setup = Setup(bare_cloud.name, create_bucket=True)
    list(setup.put())
    bare_cloud.use_queues(setup.queue.url, setup.dead_queue.url, settings)
    bare_cloud.empty()
    return bare_cloud
