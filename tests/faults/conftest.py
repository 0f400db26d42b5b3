from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import kombu
import pytest
from django.conf import settings as project_settings
from pytest_django import Settings

from tests.faults.brokers import Sqs
from tests.faults.site import Nursery, Site


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def sqs() -> Iterator[Sqs]:
    sqs = Sqs()
    sqs.start()
    yield sqs
    sqs.kill()


@pytest.fixture(autouse=True)
def _small(settings: Settings) -> None:
    """A file of 300 lines is eleven chunks. No living worker loses a lease, however busy the machine is."""
    settings.CHUNK_BYTES = 12_000
    settings.LEASE_SECONDS = 10


@pytest.fixture
def broker_url() -> str:
    """The project's broker, whichever is configured. Tests of other brokers override this."""
    return str(project_settings.CELERY_BROKER_URL)


@pytest.fixture
def queue(broker_url: str) -> Iterator[str]:
    name = f"faults-{uuid.uuid4().hex[:12]}"
    yield name
    with kombu.Connection(broker_url) as connection:
        for one in (name, f"{name}.dead") if broker_url.startswith("amqp") else (name,):
            kombu.Queue(one)(connection.channel()).delete()


@pytest.fixture
def site(nursery: Nursery, broker_url: str, environment: dict[str, str], tmp_path: Path, queue: str) -> Iterator[Site]:
    # The environment after the broker, which may have variables of its own in it.
    site = Site(nursery, {**environment, "CELERY_BROKER_URL": broker_url, "CHUNK_BYTES": "12000"}, tmp_path, queue)
    site.environment["LEASE_SECONDS"] = "10"
    yield site
    site.end()


@pytest.fixture
def short_leases(site: Site) -> None:
    """The site's leases run out by the clock, within a second. A living worker may lose one too: it has tries to spare.

    Not the test's own process: a transaction of its may be silent for as long as a lease, and it has no second try.
    """
    site.environment |= {"LEASE_SECONDS": "1", "MAX_ATTEMPTS": "20"}
