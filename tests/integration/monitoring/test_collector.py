"""What a process tells is written by and by: with the database away nothing is lost, and nobody waits for it."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from embedded.process import wait_until
from monitoring import own_thread, telemetry
from monitoring.metrics import collect, deltas
from monitoring.metrics.collect import collector
from monitoring.models import MetricDelta
from tests.figures import all_of
from tests.integration.processes import PATIENCE, PROJECT, manage

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = """
import django
django.setup()
from monitoring import telemetry
from monitoring.metrics.collect import collector
for number in range(5):
    telemetry.measure("task.run", 0.5, task="t", queue="q")
    collector().flush()
"""


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(deltas, "add", fail)


def test_what_is_told_is_written_in_one_statement(django_assert_num_queries: Any) -> None:
    for number in range(100):
        telemetry.measure("task.run", float(number), failed=number > 97, task="t", queue="q")
        telemetry.count("product.edits", 3)
    with pytest.raises(ValueError, match="x"), telemetry.timed("task.run", task="u", queue="q"):
        raise ValueError("x")

    with django_assert_num_queries(1):
        collector().flush()
    with django_assert_num_queries(0):
        collector().flush()

    assert (all_of("task.run", task="t").count, all_of("task.run", task="t").errors) == (100, 2)
    assert (all_of("task.run", task="t").least, all_of("task.run", task="t").most) == (0, 99)
    assert (all_of("task.run", task="u").count, all_of("task.run", task="u").errors) == (1, 1)
    assert all_of("product.edits").count == 300


def test_with_the_database_away_figures_are_kept_and_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        away(broken)
        for _ in range(3):
            telemetry.measure("task.run", 2.0, task="t", queue="q")
            collector().flush()
    collector().flush()

    assert all_of("task.run").count == 3
    assert [record.message for record in caplog.records] == ["metrics_not_stored", "metrics_stored_again"]


def test_what_has_no_room_is_counted_and_told_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "MOST_KEYS", 3)
    with monkeypatch.context() as broken:
        away(broken)
        for number in range(10):
            telemetry.count("admin.actions", action=f"action {number}")
            collector().flush()
        telemetry.count("admin.actions", action="action 0")  # one that has room
        assert len(collector()._told) <= 3

    collector().flush()

    assert all_of("admin.actions").count == 4
    assert all_of("telemetry.lost", what="figures").count == 7


def test_a_figure_that_cannot_be_stored_does_not_keep_the_others_back(caplog: pytest.LogCaptureFixture) -> None:
    telemetry.count("admin.actions", 5, action="a\0b")
    telemetry.count("admin.actions", 2, action="plain")

    collector().flush()
    collector().flush()

    assert all_of("admin.actions").count == 2
    assert all_of("telemetry.lost").count == 5
    assert "metric_refused" in [record.message for record in caplog.records]


def test_a_value_that_is_no_number_breaks_nothing() -> None:
    for value in (math.nan, math.inf, -1.0, 1.0):
        telemetry.measure("task.run", value, task="t", queue="q")

    collector().flush()

    assert all_of("task.run").count == 2
    assert all_of("telemetry.lost").count == 2


def test_the_thread_writes_what_is_left_when_the_process_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRIC_FLUSH_SECONDS = 3600
    monkeypatch.setattr(own_thread, "END_SECONDS", PATIENCE)
    telemetry.count("product.edits", 2)
    assert not MetricDelta.objects.exists()

    collector.stop()

    assert all_of("product.edits").count == 2


def test_with_the_database_hanging_telling_goes_on_and_so_does_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRIC_FLUSH_SECONDS = 3600
    monkeypatch.setattr(own_thread, "END_SECONDS", 0.1)
    monkeypatch.setattr(own_thread, "FORK_SECONDS", 0.1)
    telemetry.count("product.edits", 1)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "metrics"]
    apart = connection.copy()
    try:
        apart.cursor().execute("BEGIN; LOCK TABLE monitoring_metricdelta IN ACCESS EXCLUSIVE MODE")
        collector.stop()
        assert thread.is_alive()
        assert wait_until(collector().thread.busy.locked, PATIENCE)  # it has come as far as the table
        telemetry.count("product.edits", 2)
        # What a fork does before and after: it waits its time, and then goes on.
        collector._hold()
        collector._let_go()
        assert collector().thread.busy.locked()
    finally:
        apart.close()
    thread.join(PATIENCE)
    collector().flush()

    assert all_of("product.edits").count == 3


def test_a_process_without_its_database_works_and_ends(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AWAY],
        cwd=PROJECT,
        env=environment
        | {
            "DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none",
            "METRIC_FLUSH_SECONDS": "3600",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.count("metrics_not_stored") == 1
    assert "secret" not in done.stderr


def test_a_command_ahead_of_the_first_migrate_has_nothing_to_say(environment: dict[str, str]) -> None:
    nothing_there = {"PGOPTIONS": "-c search_path=pg_temp", "LOG_LEVEL": "WARNING"}

    done = manage(environment | nothing_there, "showmigrations", "monitoring")

    assert b"[ ] 0001_initial" in done.stdout
    assert (done.returncode, done.stderr) == (0, b"")
