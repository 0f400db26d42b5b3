"""Each fault, from what breaks to the phone that rings: nothing on the way is played but the clock.

Lines, letters, messages, canaries and workers are real ones, told by the product's own steps, judged by the rules that
it comes with, and sent to a server that listens; then the fault ends, and the same figures end the alarm. The night's
minutes are yesterday's: what was told just now is dated to the minute that the test is at, and nobody waits for one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as project_settings
from django.db.models import F
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from batches.doors.look import sqs_looks
from batches.doors.sqs import client
from batches.letters.discard import discard
from batches.models import DeadLetter, ResultFile
from monitoring import canary, telemetry
from monitoring.alarms.shipped import make_shipped_rules
from monitoring.alarms.tell import page
from monitoring.alarms.words import State
from monitoring.channels.look import look_for_notices, wait_for_all
from monitoring.levels.look import look_at_levels
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.models import AlarmRule, AlarmTransition, Canary, Channel, MetricDelta
from monitoring.telemetry import Level
from storage.filesystem import RangedFileStorage
from tests.alarms import evaluated
from tests.builders import a_job, error_line, image, ingested, jsonl, receipts
from tests.channels import a_channel, deliveries, is_signed
from tests.contract.conftest import AWS
from tests.figures import MINUTE, a_minute
from tests.integration.channels.servers import Receiver, receiving
from tests.integration.test_worker import wait_until, worker
from tests.redrives import ALL, an_operator

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "https://nightshelf.example"


class Night:
    """Minute after minute, with what the scheduler's threads do in each: look, roll up, judge, hand out, send."""

    def __init__(self, phone: Receiver, channel: Channel, levels: list[Level]) -> None:
        self.minute = a_minute()
        self._phone, self._channel, self._levels = phone, channel, levels
        self._known = list(levels)
        levels.clear()

    def watches(self, metric: str) -> None:
        self._levels += [level for level in self._known if level.metric == metric]

    def goes_on(self, minutes: int = 1) -> None:
        for _ in range(minutes):
            look_at_levels(self.minute)
            MetricDelta.objects.filter(minute__gt=self.minute).update(minute=self.minute)
            roll_up_metrics()
            self.minute += MINUTE
            evaluated(self.minute)
            look_for_notices()
            wait_for_all()

    def told(self) -> list[str]:
        """All that arrived since the night began, about whatever rule; each was signed."""
        assert all(is_signed(self._channel, got.headers, got.body) for got in self._phone.got)
        return [json.loads(got.body)["subject"] for got in self._phone.got]

    def last(self) -> dict[str, str]:
        return dict(json.loads(self._phone.got[-1].body))


@pytest.fixture
def night(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """With all rules as they come, and no level but those a test names: how full this machine is, is another matter."""
    settings.NOTIFY_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.SITE_ADDRESS = SITE
    levels = telemetry.levels()
    monkeypatch.setattr(telemetry, "_levels", levels)
    make_shipped_rules()
    with receiving() as phone:
        yield Night(phone, a_channel(phone.url, topics=["alarm"]), levels)


def fires(night: Night, shipped: str, figure: str) -> None:
    """It has fired and nothing else has; one request said so, with the figure in it, and leads to the rule's page."""
    rule = AlarmRule.objects.get(shipped=shipped)
    assert rule.current.state == State.ALARM, rule.current.reason
    assert night.told() == [f"ALARM: {_named(rule)}"]
    assert figure in night.last()["body"]
    assert night.last()["url"] == f"{SITE}{page(rule.pk)}"


def is_over(night: Night, shipped: str, figure: str) -> None:
    """By a figure that was told, and not because none was. It was told once, too."""
    rule = AlarmRule.objects.get(shipped=shipped)
    assert rule.current.state == State.OK, rule.current.reason
    assert figure in rule.current.reason
    assert night.told() == [f"ALARM: {_named(rule)}", f"OK again: {_named(rule)}"]
    assert deliveries() == {"sent": 2}
    moved = AlarmTransition.objects.filter(rule=rule, silenced="").order_by("pk")
    assert list(moved.values_list("from_state", "to_state")) == [("OK", "ALARM"), ("ALARM", "OK")]


def _named(rule: AlarmRule) -> str:
    return f"{rule.name} ({rule.severity})"


def read_tonight(name: str, content: bytes) -> ResultFile:
    return ingested(content, f"{name}.jsonl", a_job(name))


def test_failing_lines(night: Night) -> None:
    bad = receipts(range(14)) + jsonl([error_line(image(14))])
    read_tonight("first", bad)
    night.goes_on(5)
    assert night.told() == []
    read_tonight("second", bad)
    night.goes_on(5)
    assert DeadLetter.objects.count() == 2
    fires(night, "lines-failing", "2 of 2 datapoints were > 5 %: 6.667 % at")

    read_tonight("third", receipts(range(15)))
    night.goes_on(5)
    is_over(night, "lines-failing", "1 of 2 datapoints were > 5 %: 6.667 % at")
    assert "0 % at" in AlarmRule.objects.get(shipped="lines-failing").current.reason


class SlowStorage(RangedFileStorage):
    """It takes a minute and a second to begin a read. Nobody waits for it here: the file that is being read has come
    that much earlier, and how long it took is counted from there.
    """

    def blocks(self, key: str, version: str, start: int = 0) -> Iterator[bytes]:
        ResultFile.objects.filter(key=key).update(received_at=F("received_at") - timedelta(seconds=61))
        return super().blocks(key, version, start)


def took(file: ResultFile) -> str:
    assert file.finished_at
    return f"{(file.finished_at - file.received_at).total_seconds():.4g} s"


def test_slow_storage(night: Night, settings: Settings) -> None:
    usual = settings.STORAGES
    slow = {**usual["default"], "BACKEND": f"{__name__}.{SlowStorage.__name__}"}
    settings.STORAGES = {**usual, "default": slow}
    files = []
    for name in ("first", "second"):
        assert night.told() == []
        files.append(read_tonight(name, receipts(range(5))))
        night.goes_on(5)
    fires(night, "processing-slow", f"2 of 2 datapoints were > 60 s: {took(files[0])} at")

    settings.STORAGES = usual
    read_tonight("third", receipts(range(5)))
    night.goes_on(5)
    is_over(night, "processing-slow", f"1 of 2 datapoints were > 60 s: {took(files[1])} at")


def test_dead_worker(night: Night, environment: dict[str, str]) -> None:
    night.watches("workers.alive")
    broker = project_settings.CELERY_BROKER_URL
    if broker.startswith("memory"):
        pytest.skip("CELERY_BROKER_URL is in memory, which no other process can reach")
    with worker(environment, broker) as process:
        wait_until(lambda: canary.answered_of_late() != [], "the first canary's answer")
        night.goes_on()
        kill(process)
        minutes_pass()
        canary.send_due()
        night.goes_on(2)
        assert night.told() == []
        night.goes_on()
        fires(night, "no-worker", "3 of 3 datapoints were < 1 workers: 0 workers at")

    with worker(environment, broker) as process:
        wait_until(lambda: canary.answered_of_late() != [], "the next canary's answer")
        kill(process)  # quicker than to ask it to stop
        night.goes_on()
    is_over(night, "no-worker", "2 of 3 datapoints were < 1 workers: 0 workers at")


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def minutes_pass() -> None:
    """Since the last canary was sent and answered: too many for its worker to be taken for alive."""
    ago = timedelta(seconds=canary.SEND_SECONDS + canary.STALLED_SECONDS)
    Canary.objects.update(sent_at=F("sent_at") - ago, answered_at=F("answered_at") - ago)


def test_full_dead_letter_queue(night: Night, dead_queue: DeadQueue) -> None:
    night.watches("dlq.depth")
    look = sqs_looks()["EVENT_DLQ_URL"]
    look()
    night.goes_on()
    assert night.told() == []
    for number in range(3):
        dead_queue.send(f"message {number}")
    look()
    night.goes_on(2)
    fires(night, "dead-letters", "1 of 1 datapoint was > 0 messages: 3 messages at")

    discard(ALL, actor=an_operator(), reason="They came from a test.")
    night.goes_on()
    is_over(night, "dead-letters", "0 of 1 datapoint was > 0 messages: 0 messages at")


@pytest.fixture
def dead_queue(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeadQueue]:
    """As SQS has it, by its emulator."""
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    settings.EVENT_ENDPOINT_URL = "http://{}:{}".format(*server.get_host_and_port())
    settings.EVENT_REGION, settings.EVENT_QUEUE_URL = AWS["AWS_DEFAULT_REGION"], ""
    queue = DeadQueue(settings)
    yield queue
    server.stop()


class DeadQueue:
    def __init__(self, settings: Settings) -> None:
        self._client = client("sqs")
        settings.EVENT_DLQ_URL = self._client.create_queue(QueueName="dead")["QueueUrl"]
        self._url = settings.EVENT_DLQ_URL

    def send(self, body: str) -> None:
        self._client.send_message(QueueUrl=self._url, MessageBody=body)
