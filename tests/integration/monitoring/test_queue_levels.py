"""How many messages wait in a queue of each broker, and for how long, on real brokers (SQS: moto's)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery, current_app
from django.utils import timezone
from kombu import Queue
from kombu.exceptions import OperationalError
from moto.server import ThreadedMotoServer

from monitoring.levels import queues
from monitoring.models import Canary
from tests.contract.conftest import AWS
from tests.faults.site import sender
from tests.outside import a_broker

BROKERS = {"rabbitmq": "NIGHTSHELF_TEST_RABBITMQ_URL", "redis": "NIGHTSHELF_TEST_REDIS_URL", "sqs": ""}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {**AWS, "AWS_ENDPOINT_URL_SQS": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(name, value)
    yield "sqs://"
    server.stop()


@pytest.fixture
def application(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """With a queue of its own on the broker that the test names."""
    broker: str = request.param
    url = a_broker(BROKERS[broker]) if BROKERS[broker] else request.getfixturevalue(broker)
    # The environment's would be preferred to it.
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    app = sender(url, f"levels-{uuid.uuid4().hex[:10]}")
    monkeypatch.setattr(queues, "current_app", app)
    yield app
    with app.connection() as connection:
        Queue(app.conf.task_default_queue)(connection.channel()).delete()
    app.close()


@pytest.mark.outside
@pytest.mark.parametrize("application", BROKERS, indirect=True)
def test_waiting_messages_are_counted(application: Celery, request: pytest.FixtureRequest) -> None:
    queue, broker = application.conf.task_default_queue, request.node.callspec.params["application"]
    for priority in (0, 0, 6):  # Redis has a list for each
        application.send_task("anything", ignore_result=True, priority=priority)

    assert list(queues.depths()) == [({"queue": queue, "broker": broker}, 3)]

    with application.connection() as connection:
        Queue(queue)(connection.channel()).purge()
    assert list(queues.depths()) == [({"queue": queue, "broker": broker}, 0)]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_with_the_broker_away_the_depth_is_unknown(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    with Celery("levels-away", broker=url, set_as_current=False) as app:
        monkeypatch.setattr(queues, "current_app", app)
        with pytest.raises(OperationalError, match="refused"):
            list(queues.depths())


@pytest.mark.django_db
def test_the_age_is_the_canarys() -> None:
    now = timezone.now()
    [queue] = current_app.amqp.queues
    assert list(queues.ages()) == []  # none was ever sent

    canary = Canary.objects.create(queue=queue, sent_at=now, answered_at=now)
    Canary.objects.create(queue="gone", sent_at=now, waiting_since=now)
    assert list(queues.ages()) == [({"queue": queue, "broker": "memory"}, 0.0)]

    canary.waiting_since = now - timedelta(minutes=10)
    canary.save()
    [(_, age)] = queues.ages()
    assert age == pytest.approx(600, abs=60)

    canary.failure = "OperationalError: away"
    canary.save()
    assert list(queues.ages()) == []

    canary.failure, canary.sent_at = "", now - timedelta(minutes=5)
    canary.save()
    assert list(queues.ages()) == []  # the scheduler sends no more
