"""What only SQS (emulated) can do: be there without the queue, and have a queue that is named by its address."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from monitoring.models import Canary
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.brokers import Sqs
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Process, Site, at_rest


@pytest.fixture
def broker_url(sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in sqs.environment(sqs.url).items():
        monkeypatch.setenv(name, value)
    return "sqs://"


def test_a_service_that_is_restarted_without_the_queue(site: Site, sqs: Sqs) -> None:
    night = a_night()
    site.environment["FAULTS_HURRY"] = "1"
    site.failpoints.arm("before_write", "hold")
    site.beat()
    worker = site.worker()
    taken_in(night.content)
    site.await_point("before_write")

    sqs.kill()
    sqs.start()
    site.failpoints.release("before_write")
    site.await_(at_rest, "the files to be read")

    _await_consumer(site, worker)
    assert_exact(database_url(), night)


def test_a_queue_that_is_deleted(site: Site, queue: str) -> None:
    night = a_night()
    site.beat()
    worker = site.worker()
    site.await_(lambda: " ready." in worker.output(), "the worker")

    client = boto3.client("sqs")
    client.delete_queue(QueueUrl=client.get_queue_url(QueueName=queue)["QueueUrl"])
    # The next canary makes the queue anew; whether the worker meets a gap before, is a matter of moments.
    site.await_(lambda: "SqsAway" in worker.output() or _there(client, queue), "the worker to notice, or the queue")
    taken_in(night.content)
    site.await_(at_rest, "the files to be read")

    _await_consumer(site, worker)
    assert_exact(database_url(), night)


def _there(client: Any, queue: str) -> bool:
    try:
        client.get_queue_url(QueueName=queue)
    except client.exceptions.QueueDoesNotExist:
        return False
    return True


class TestNamedQueue:
    """The queue is given by its address; neither its list is asked for, nor is it created."""

    @pytest.fixture
    def queue(self) -> str:
        return "nightshelf"

    def test_it_is_consumed(self, site: Site) -> None:
        night = a_night()
        site.environment["SQS_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="of-another-name")["QueueUrl"]
        site.beat()
        worker = site.worker()
        taken_in(night.content)
        site.await_(at_rest, "the files to be read")

        _await_consumer(site, worker)
        assert_exact(database_url(), night)
        assert not [url for url in boto3.client("sqs").list_queues()["QueueUrls"] if url.endswith("/nightshelf")]


def _await_consumer(site: Site, worker: Process) -> None:
    """Nothing but a message makes a worker answer a canary."""
    Canary.objects.update(sent_at=None, answered_at=None)
    site.await_(lambda: Canary.objects.filter(answered_at__isnull=False).exists(), "an answer")
    assert worker.alive
