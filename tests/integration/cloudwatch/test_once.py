"""Each minute once, whoever is killed, whatever gets no answer, however many publish."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    NoRegionError,
    ParamValidationError,
    ReadTimeoutError,
)
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from monitoring.cloudwatch import client as cloudwatch_client
from monitoring.cloudwatch import send
from monitoring.cloudwatch.client import InDoubt, Refused
from monitoring.cloudwatch.publish import publish
from monitoring.models import CloudWatchCall
from tests.integration.cloudwatch.cloud import events, published, published_since, told
from tests.integration.processes import manage

QUARTER = timedelta(minutes=15, seconds=1)
SUCCESS, FAILURE = "BatchResult/SuccessCount", "BatchResult/FailureCount"


def refusal(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutMetricData")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (NoRegionError(), "cloudwatch_away"),
        (refusal("AccessDenied", 403), "cloudwatch_away"),
        (refusal("Throttling", 400), "cloudwatch_away"),
        (refusal("InvalidParameterValue", 400), "cloudwatch_refused"),
        (ParamValidationError(report="Values"), "cloudwatch_refused"),
        (refusal("InternalServiceError", 500), "cloudwatch_in_doubt"),
        (ReadTimeoutError(endpoint_url="https://"), "cloudwatch_in_doubt"),
        (ConnectionClosedError(endpoint_url="https://"), "cloudwatch_in_doubt"),
    ],
)
def test_what_a_fault_means(
    fault: Exception, told: str, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    CloudWatchCall.objects.create(minute=now, part=0, data=[])

    class Faulty:
        def put_metric_data(self, **_: object) -> None:
            raise fault

    monkeypatch.setattr(send, "client", Faulty)
    send.send_waiting()

    assert events(caplog) == [told]
    left = list(CloudWatchCall.objects.values_list("claimed_at", flat=True))
    assert {"cloudwatch_away": left == [None], "cloudwatch_refused": left == [], "cloudwatch_in_doubt": any(left)}[told]


@pytest.mark.django_db(transaction=True)
def test_two_publishers_publish_each_minute_once(now: datetime, namespace: str) -> None:
    minutes = published_since(now, 12)
    for minute in minutes:
        told("batch.lines", minute, count=2, errors=1, kind="receipts")
    barrier = threading.Barrier(3)

    def publisher() -> None:
        barrier.wait()
        publish(now)
        connection.close()

    threads = [threading.Thread(target=publisher) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    publish(now)  # one may have seen the other's call wait, and have left the rest to it

    assert published(SUCCESS, namespace) == {minute: {"n": 1, "sum": 1} for minute in minutes}
    assert published(FAILURE, namespace) == {minute: {"n": 1, "sum": 1} for minute in minutes}


@pytest.mark.django_db(transaction=True)
def test_a_call_that_another_is_claiming_is_not_waited_for(now: datetime) -> None:
    CloudWatchCall.objects.create(minute=now, part=0, data=[])
    claimed, looked = threading.Event(), threading.Event()

    def another() -> None:
        with transaction.atomic():
            assert send._claimed()
            claimed.set()
            looked.wait(20)
        connection.close()

    thread = threading.Thread(target=another)
    thread.start()
    assert claimed.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '10s'")
    try:
        assert send._claimed() is None
    finally:
        looked.set()
        thread.join()
        connection.close()
    assert send._claimed() is None


KILLED = """
import os, signal
from datetime import datetime
from monitoring.cloudwatch import client, send
from monitoring.cloudwatch.publish import publish
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
send.{where} = die
publish(datetime.fromisoformat("{now}"))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["_forget", "_put"])
def test_killed_around_the_call_it_is_published_once(
    where: str, now: datetime, namespace: str, settings: Settings, environment: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """`_forget`: it got through, and nobody has written that down. `_put`: it was claimed and never made."""
    [minute, next_one] = published_since(now, 2)
    for at in (minute, next_one):
        told("batch.lines", at, count=3, errors=1, kind="receipts")
    environment |= {
        "CLOUDWATCH_METRICS": "true", "CLOUDWATCH_NAMESPACE": namespace, "CLOUDWATCH_REGION": "ap-northeast-1",
        "CLOUDWATCH_ENDPOINT_URL": str(settings.CLOUDWATCH_ENDPOINT_URL),
    }  # fmt: skip
    assert manage(environment, "shell", "-c", KILLED.format(where=where, now=now.isoformat())).returncode == -9
    assert published(SUCCESS, namespace) == ({minute: {"n": 1, "sum": 2}} if where == "_forget" else {})

    publish(now)  # the other minutes need not wait for the one in doubt
    assert next_one in published(SUCCESS, namespace)
    publish(timezone.now() + timedelta(minutes=14))  # too early to be known
    assert (minute in published(SUCCESS, namespace)) == (where == "_forget")

    with caplog.at_level(logging.INFO, logger="nightshelf"):
        publish(timezone.now() + QUARTER)
    [settled] = [record for record in caplog.records if record.message == "cloudwatch_settled"]
    assert vars(settled)["sent_again"] == (0 if where == "_forget" else 2)
    once = {"n": 1, "sum": 2}
    assert {at: published(SUCCESS, namespace)[at] for at in (minute, next_one)} == {minute: once, next_one: once}


@pytest.mark.django_db
def test_a_call_without_an_answer_is_looked_up(
    now: datetime, namespace: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [minute] = published_since(now, 1)
    told("batch.lines", minute, count=3, kind="receipts")
    put = send._put

    def unanswered(call: CloudWatchCall, began: float) -> None:
        put(call, began)
        raise InDoubt("ReadTimeoutError")

    monkeypatch.setattr(send, "_put", unanswered)
    publish(now)
    assert events(caplog) == ["cloudwatch_in_doubt"]
    monkeypatch.setattr(send, "_put", put)
    publish(timezone.now() + QUARTER)

    assert published(SUCCESS, namespace) == {minute: {"n": 1, "sum": 3}}
    assert CloudWatchCall.objects.filter(minute=minute).count() == 0


@pytest.mark.django_db
def test_an_old_minute_in_doubt_is_told_and_not_sent_again(namespace: str, caplog: pytest.LogCaptureFixture) -> None:
    """CloudWatch would not say for days whether it is there."""
    now = timezone.now()
    old = (now - timedelta(days=2)).replace(second=0, microsecond=0)
    CloudWatchCall.objects.create(minute=old, part=0, data=[], claimed_at=now)
    publish(now)

    assert events(caplog) == ["cloudwatch_minute_unknown"]
    assert not CloudWatchCall.objects.exists()


@pytest.mark.django_db
def test_a_call_that_will_never_be_taken_does_not_hold_up_the_others(
    now: datetime, namespace: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [minute, next_one] = published_since(now, 2)
    told("dlq.depth", minute, 1)
    told("dlq.depth", next_one, 2)
    put = send._put

    def picky(call: CloudWatchCall, began: float) -> None:
        if call.minute == minute:
            raise Refused("InvalidParameterValue")
        put(call, began)

    monkeypatch.setattr(send, "_put", picky)
    publish(now)

    assert events(caplog) == ["cloudwatch_refused"]
    assert published("BatchResult/DLQDepth", namespace) == {next_one: {"n": 1, "sum": 2}}


def test_a_call_is_never_repeated_by_the_client_itself() -> None:
    assert cloudwatch_client.client().meta.config.retries["total_max_attempts"] == 1
