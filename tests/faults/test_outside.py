"""The same faults with RabbitMQ (quorum queues), Redis and SQS (emulated), as far as a broker can make a difference."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress

import kombu
import pytest

from batches.models import Chunk
from batches.states import ChunkStatus
from monitoring.models import Canary
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.brokers import Sqs, Wire
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site, alive, at_rest, seconds_without_broker
from tests.outside import a_broker

pytestmark = [
    pytest.mark.outside,
    pytest.mark.parametrize(
        "wire", ["NIGHTSHELF_TEST_RABBITMQ_URL", "NIGHTSHELF_TEST_REDIS_URL", "sqs"], indirect=True
    ),
]


@pytest.fixture
def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    emulated = request.param == "sqs"
    wire = Wire(request.getfixturevalue("sqs").url if emulated else a_broker(request.param))
    for name, value in (Sqs.environment(wire.url) if emulated else {}).items():
        monkeypatch.setenv(name, value)
    yield wire
    with suppress(OSError):
        wire.cut()


@pytest.fixture
def broker_url(wire: Wire) -> str:
    return "sqs://" if wire.url.startswith("http") else wire.url


def test_a_child_killed_in_the_middle_of_a_copy(site: Site) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "kill")
    site.worker()

    killed = site.await_point("after_copy")
    site.await_rest()

    site.await_(lambda: not alive(killed), "its death")
    assert_exact(database_url(), night)


def test_a_killed_worker(site: Site) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "kill_group")
    first = site.worker()

    site.await_point("after_copy")
    first.await_end()
    site.worker()
    site.await_rest()

    assert_exact(database_url(), night)


def test_a_stopped_worker_leaves_no_lease_behind(site: Site) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "hold")
    first = site.worker()
    site.await_point("after_copy")

    first.signal(signal.SIGTERM)
    site.await_(lambda: "shutdown (MainProcess)" in first.output(), "the shutdown")
    site.failpoints.release("after_copy")
    first.await_end()

    assert not Chunk.objects.filter(status=ChunkStatus.LEASED).exists()
    site.worker()
    site.await_rest()
    assert_exact(database_url(), night)


def test_an_emptied_queue_costs_no_work(site: Site, queue: str, broker_url: str) -> None:
    night = a_night()
    site.failpoints.arm("before_write", "hold")
    site.beat()
    site.worker(concurrency=1)
    taken_in(night.content)
    site.await_point("before_write")

    with kombu.Connection(broker_url) as connection:
        kombu.Queue(queue)(connection.channel()).purge()
    site.failpoints.release("before_write")
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)


def test_a_broker_that_is_gone_for_a_minute(site: Site, wire: Wire) -> None:
    # A minute by the pauses of the worker, which pass in a hurry: test_broker.py has more about it.
    night = a_night()
    site.environment["FAULTS_HURRY"] = "1"
    site.failpoints.arm("before_write", "hold")
    site.beat()
    worker = site.worker()
    taken_in(night.content)
    site.await_point("before_write")

    wire.cut()
    site.failpoints.release("before_write")
    site.await_(lambda: seconds_without_broker(worker) > 60, "the worker to try for a minute")
    wire.mend()
    site.await_(at_rest, "the files to be read")
    site.await_(lambda: worker.output().count("Connected to") == 2, "the worker to be back")
    # It consumes: nothing but a message makes a worker answer a canary.
    Canary.objects.update(sent_at=None, answered_at=None)
    site.await_(lambda: Canary.objects.filter(answered_at__isnull=False).exists(), "an answer")

    assert_exact(database_url(), night)
