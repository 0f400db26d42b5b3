"""The broker is emptied, restarted, or gone: nothing is lost, and work goes on when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from monitoring import canary
from monitoring.models import Canary
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.brokers import Broker
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Process, Site, at_rest, seconds_without_broker
from tests.faults.web import Visitor, free_port, status_of


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


def test_a_broker_that_is_gone_for_long(site: Site, broker: Broker) -> None:
    """Much longer than a minute: the workers try 101 times, once more than Celery does by itself before it gives up.

    The pauses between the tries are those of 47 minutes, up to the longest (half a minute); only they pass in a hurry.
    """
    night = a_night()
    site.environment["FAULTS_HURRY"] = "1"
    visitor = _visitor(site)
    site.beat()
    worker = site.worker()
    site.await_(lambda: " ready." in worker.output(), "the worker")
    site.await_(_answered, "the first canary")

    broker.kill()
    late = site.worker()
    # The admin goes on meanwhile: a file comes in, and what is wrong is said.
    fields = {"job_id": night.job, "kind": "receipts", "user_id": "user-1"}
    told = visitor.post(
        reverse("admin:batches_upload"), {**fields, "file": SimpleUploadedFile("results.jsonl", night.content)}
    )
    assert "results.jsonl has been received" in told
    Canary.objects.update(sent_at=None)  # the next is due now
    site.await_(lambda: "The broker is away" in visitor.get(reverse("admin:index")), "the home page to say so")
    assert "Broker away." in visitor.get(reverse("admin:batches_home_workers"))
    assert [told.stalled for told in canary.state()] == [True]
    assert status_of(f"{visitor.address}/api/health") == 200
    for waiting in (worker, late):
        site.await_(partial(_has_tried_101_times, waiting), "a hundred tries to fail")
        assert seconds_without_broker(waiting) > 60
    assert not at_rest()

    broker.start()
    site.await_(at_rest, "the files to be read")
    site.await_(lambda: " ready." in late.output(), "the late worker")
    assert_exact(database_url(), night)


def _visitor(site: Site) -> Visitor:
    port = free_port()
    site.web(port)
    # As the site hashes: the tests' own way is quicker, and unknown to it.
    hashed = PBKDF2PasswordHasher().encode("night-shelf-42", "salt")
    User.objects.create(username="operator", password=hashed, is_staff=True, is_superuser=True)
    return Visitor(f"http://127.0.0.1:{port}", "operator", "night-shelf-42")


def _has_tried_101_times(worker: Process) -> bool:
    return "(101/" in worker.output()


def _answered() -> bool:
    return Canary.objects.filter(answered_at__isnull=False).exists()
