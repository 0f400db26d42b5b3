"""The same faults with RabbitMQ (quorum queues) and with Redis, as far as a broker can make a difference."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import kombu
import pytest

from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.brokers import Wire
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site, alive, at_rest

pytestmark = [
    pytest.mark.outside,
    pytest.mark.parametrize("wire", ["NIGHTSHELF_TEST_RABBITMQ_URL", "NIGHTSHELF_TEST_REDIS_URL"], indirect=True),
]


@pytest.fixture
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    wire = Wire(_reachable(request.param))
    yield wire
    with suppress(OSError):
        wire.cut()


@pytest.fixture
def broker_url(wire: Wire) -> str:
    return wire.url


def test_a_child_killed_in_the_middle_of_a_copy(site: Site) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "kill")
    site.worker()

    killed = site.await_point("after_copy")
    site.await_rest()

    assert not alive(killed)
    assert_exact(database_url(), night)


def test_an_emptied_queue_costs_no_work(site: Site, queue: str, wire: Wire) -> None:
    night = a_night()
    site.failpoints.arm("before_write", "hold")
    site.beat()
    site.worker(concurrency=1)
    taken_in(night.content)
    site.await_point("before_write")

    with kombu.Connection(wire.url) as connection:
        kombu.Queue(queue)(connection.channel()).purge()
    site.failpoints.release("before_write")
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)


def test_a_broker_that_is_gone_for_a_while(site: Site, wire: Wire) -> None:
    night = a_night()
    site.failpoints.arm("before_write", "hold")
    site.beat()
    worker = site.worker()
    taken_in(night.content)
    site.await_point("before_write")

    wire.cut()
    site.failpoints.release("before_write")
    site.await_(lambda: "Trying again in" in worker.output(), "the worker to notice")
    wire.mend()
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)


def _reachable(variable: str) -> str:
    """The address, when a broker answers there; without one the test is skipped, or fails where it must run."""
    url = os.environ.get(variable, "")
    try:
        if url:
            with kombu.Connection(url, connect_timeout=5) as connection:
                connection.ensure_connection(max_retries=1)
            return url
        reason = f"{variable} is not set"
    except Exception as fault:
        reason = f"no broker answers at {variable}: {fault}"
    if os.environ.get("NIGHTSHELF_TEST_REQUIRE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
