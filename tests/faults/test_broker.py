"""The broker is emptied, restarted, or gone: nothing is lost, and work goes on when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring import canary
from monitoring.models import Canary
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.brokers import Broker
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site, at_rest
from tests.faults.web import free_port, status_of


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def queue() -> str:
    return "nightshelf"


@pytest.fixture
def broker_url(broker: Broker) -> str:
    return broker.url


def test_a_flushed_broker_costs_no_work(site: Site, broker: Broker) -> None:
    night = a_night()
    site.failpoints.arm("before_write", "hold")
    site.beat()
    site.worker(concurrency=1)
    taken_in(night.content)
    site.await_point("before_write")

    broker.flush()
    site.failpoints.release("before_write")
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)


def test_a_message_lost_before_anybody_read_it_costs_no_work(site: Site, broker: Broker) -> None:
    night = a_night()
    worker = site.worker()
    site.await_(lambda: " ready." in worker.output(), "the worker")
    taken_in(night.content)
    broker.flush()

    site.beat()
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)


def test_a_restarted_broker_costs_no_work(site: Site, broker: Broker) -> None:
    night = a_night()
    site.failpoints.arm("before_write", "hold")
    site.beat()
    site.worker()
    taken_in(night.content)
    site.await_point("before_write")

    broker.kill()
    site.failpoints.release("before_write")
    broker.start()
    site.await_(at_rest, "the files to be read")

    assert_exact(database_url(), night)


def test_while_the_broker_is_gone_files_come_in_and_pages_answer(site: Site, broker: Broker) -> None:
    night = a_night()
    port = free_port()
    site.web(port)
    site.beat()
    worker = site.worker()
    site.await_(lambda: " ready." in worker.output(), "the worker")
    site.await_(_answered, "the first canary")

    broker.kill()
    assert status_of(f"http://127.0.0.1:{port}/take-in/{night.job}", night.content) == 204
    assert status_of(f"http://127.0.0.1:{port}/api/health") == 200
    assert status_of(f"http://127.0.0.1:{port}/admin/login/") == 200
    assert not at_rest()
    Canary.objects.update(sent_at=None)  # the next is due now
    site.await_(_away, "the failure of a canary")
    assert [told.stalled for told in canary.state()] == [True]

    broker.start()
    site.await_(at_rest, "the files to be read")
    assert_exact(database_url(), night)


def _answered() -> bool:
    return Canary.objects.filter(answered_at__isnull=False).exists()


def _away() -> bool:
    return any(told.reason.startswith("The broker is away") for told in canary.state())
