"""Levels: looked at once a minute over all processes; what cannot be read is missing, and said once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from batches.levels import _dead
from batches.models import QueueLook
from monitoring import process, telemetry
from monitoring.levels import look, own_process
from monitoring.levels.claim_minute import claim_minute
from monitoring.levels.look import look_at_levels
from monitoring.levels.own_process import OwnProcess
from monitoring.metrics import read
from monitoring.metrics.collect import collector
from monitoring.models import MetricDelta
from monitoring.telemetry import Level, Sample
from tests.conftest import database_url
from tests.integration.processes import manage

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch) -> list[Level]:
    """The registered ones, to begin with none."""
    registered: list[Level] = []
    monkeypatch.setattr(telemetry, "_levels", registered)
    look._absences.clear()
    return registered


def depth(value: float) -> Level:
    return Level("letters.open", lambda: iter([Sample({}, value)]))


def refused() -> Iterator[Sample]:
    yield Sample({"queue": "first", "broker": "redis"}, 1)
    raise ConnectionRefusedError("nobody there")


@pytest.mark.django_db
def test_a_minute_is_looked_at_once(levels: list[Level]) -> None:
    levels.append(depth(7))

    assert look_at_levels(NOON + timedelta(seconds=3)) == NOON
    assert look_at_levels(NOON + timedelta(seconds=58)) is None
    assert look_at_levels(NOON + MINUTE) == NOON + MINUTE

    [(_, points)] = read.points("letters.open", NOON, NOON + 2 * MINUTE, MINUTE).items()
    assert [(point.at, point.summary.count, point.summary.total) for point in points] == [
        (NOON, 1, 7),
        (NOON + MINUTE, 1, 7),
    ]


@pytest.mark.django_db
def test_a_clock_that_goes_back_claims_nothing() -> None:
    assert claim_minute("levels", NOON) == NOON
    assert claim_minute("levels", NOON - MINUTE) is None
    assert claim_minute("another", NOON - MINUTE) == NOON - MINUTE


@pytest.mark.django_db
def test_what_cannot_be_read_is_missing_and_said_once(levels: list[Level], caplog: pytest.LogCaptureFixture) -> None:
    levels += [Level("queue.depth", refused), depth(3)]

    with caplog.at_level(logging.INFO, logger="nightshelf"):
        look_at_levels(NOON)
        look_at_levels(NOON + MINUTE)
    levels[0] = Level("queue.depth", refused)

    assert [record.message for record in caplog.records] == ["level_away"]
    assert vars(caplog.records[0])["error"] == "queue.depth: ConnectionRefusedError: nobody there"
    assert read.points("queue.depth", NOON, NOON + 2 * MINUTE, MINUTE) == {}
    assert read.summary("letters.open", NOON, NOON + 2 * MINUTE).count == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_schedulers_one_looks(levels: list[Level]) -> None:
    levels.append(depth(1))
    barrier, claimed = threading.Barrier(4), []

    def scheduler() -> None:
        barrier.wait()
        claimed.append(look_at_levels(NOON))
        connection.close()

    threads = [threading.Thread(target=scheduler) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed, key=str) == [NOON, None, None, None]
    assert MetricDelta.objects.count() == 1


KILLED = f"""
import os, signal
from datetime import datetime
from monitoring.levels import look
look.deltas.add = lambda told: os.kill(os.getpid(), signal.SIGKILL)
look.look_at_levels(datetime.fromisoformat("{NOON.isoformat()}"))
"""


@pytest.mark.django_db(transaction=True)
def test_a_scheduler_that_is_killed_leaves_a_gap_and_no_second_sample(
    environment: dict[str, str], levels: list[Level]
) -> None:
    assert manage({**environment, "DATABASE_URL": database_url()}, "shell", "-c", KILLED).returncode == -9
    levels.append(depth(1))

    assert look_at_levels(NOON) is None
    assert look_at_levels(NOON + MINUTE) == NOON + MINUTE


@pytest.mark.django_db
def test_dead_messages_are_unknown_while_a_dead_queue_is(settings: Settings) -> None:
    settings.EVENT_DLQ_URL, settings.BROKER_DLQ_URL = "https://sqs.example.com/1/dead", ""
    # Of another configuration: nobody looks at it any more.
    QueueLook.objects.create(queue="old", dead=True, depth_after=9, failure="away")
    with pytest.raises(Exception, match="dead has not been looked at yet"):
        list(_dead())

    look = QueueLook.objects.create(queue="dead", dead=True, depth=5, depth_after=2)
    assert [sample.value for sample in _dead()] == [2]

    QueueLook.objects.filter(pk=look.pk).update(failure="Queue dead could not be reached.")
    with pytest.raises(Exception, match="could not be reached"):
        list(_dead())

    QueueLook.objects.filter(pk=look.pk).update(failure="", looked_at=timezone.now() - timedelta(minutes=10))
    with pytest.raises(Exception, match="was last looked at"):
        list(_dead())


@pytest.mark.django_db
def test_every_registered_level_of_our_own_can_be_read(caplog: pytest.LogCaptureFixture) -> None:
    """But for the workers: nobody has sent a canary."""
    look._absences.clear()
    with caplog.at_level(logging.INFO, logger="nightshelf"):
        look_at_levels(NOON)

    told = set(MetricDelta.objects.values_list("metric", flat=True))
    assert told >= {"letters.open", "dlq.depth", "queue.depth", "database.connections", "outbox.waiting", "disk.used"}
    assert [vars(record)["error"] for record in caplog.records] == [
        "workers.alive: NobodyKnows: no canary could be sent"
    ]


@pytest.mark.django_db
def test_processes_of_a_kind_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100, 100, 100, 101, 101, 101])
    monkeypatch.setattr("monitoring.levels.own_process._minute", lambda: next(clock))
    monkeypatch.setattr("monitoring.process._told", [])
    monkeypatch.setattr("sys.argv", ["/venv/bin/celery", "-A", "config", "worker"])
    two = [OwnProcess(), OwnProcess()]

    two[0].tell()  # in the minute in which it began: nothing yet
    for each in two:
        each.tell()
    two[0].tell()  # again in the same minute
    collector().flush()

    memory = MetricDelta.objects.get(metric="process.memory")
    assert (memory.labels, memory.count) == ({"process": "worker"}, 2)
    assert memory.least is not None
    assert memory.least > 2**20
    assert memory.total > memory.least
    assert MetricDelta.objects.get(metric="process.cpu").count == 2


@pytest.mark.django_db
def test_whichever_thread_asks_a_process_tells_of_itself_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100, 100, 101, 101, 101])
    monkeypatch.setattr("monitoring.levels.own_process._minute", lambda: next(clock))
    own_process.begin_anew()
    for _ in range(4):
        own_process.tell_own_process()
    collector().flush()

    assert MetricDelta.objects.get(metric="process.memory").count == 1


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (["/venv/bin/gunicorn", "config.wsgi"], "web"),
        (["manage.py", "runserver"], "web"),
        (["/venv/bin/celery", "-A", "config", "worker", "-c2"], "worker"),
        (["/venv/lib/celery/__main__.py", "-A", "config", "beat"], "scheduler"),
        (["manage.py", "consume_events"], "consumer"),
        (["manage.py", "ingest"], "command"),
        (["/srv/celery-shop/manage.py", "ingest"], "command"),
        ([], "command"),
    ],
)
def test_a_process_knows_what_it_is(command: list[str], kind: str) -> None:
    assert process.by_command(command) == kind
