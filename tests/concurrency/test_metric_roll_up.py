"""Deltas are counted once, whoever rolls them up or tells more at the same time, and wherever they are killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from monitoring.metrics import roll_up as step
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.models import MetricDelta, Series
from tests.concurrency.racing import PATIENCE, race
from tests.figures import all_of, counted, hours, measured, minutes, this_hour
from tests.integration.processes import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)
DIE = """
import os, signal, django
django.setup()
from monitoring.metrics import roll_up
add = roll_up._add
def die(cursor, table, sums):
    add(cursor, table, sums)
    if table == "{table}":
        os.kill(os.getpid(), signal.SIGKILL)
roll_up._add = die
roll_up.roll_up_metrics()
"""


def tell(number: int) -> None:
    for at in range(number):
        measured(
            "http.request", this_hour() + timedelta(minutes=at % 60), [0.25, 4.0], route=f"r{at % 5}", method="GET"
        )


def told_series() -> int:
    return Series.objects.exclude(labels={"*": "*"}).count()


def buckets() -> tuple[int, int]:
    each = minutes().values_list("count"), hours().values_list("count")
    in_minutes, in_hours = (sum(number for (number,) in counts) for counts in each)
    return in_minutes, in_hours


def test_roll_ups_and_tellers_at_once_count_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MOST_DELTAS", 7)
    tell(60)

    race([*[roll_up_metrics] * 3, *[partial(tell, 40)] * 3])
    assert all_of("http.request").count == 2 * 180
    roll_up_metrics()

    assert not MetricDelta.objects.exists()
    assert told_series() == 5
    assert buckets() == (360, 360)
    assert all_of("http.request").count == 360


def test_whoever_reads_in_the_midst_sees_each_figure_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(30)
    taken, go_on = threading.Event(), threading.Event()
    add = step._add

    def held(*arguments: object) -> None:
        add(*arguments)  # type: ignore[arg-type]
        taken.set()
        assert go_on.wait(PATIENCE)

    def roll_up() -> None:
        try:
            roll_up_metrics()
        finally:
            connection.close()

    monkeypatch.setattr(step, "_add", held)
    thread = threading.Thread(target=roll_up)
    thread.start()
    assert taken.wait(PATIENCE)
    during, second = all_of("http.request").count, roll_up_metrics()
    go_on.set()
    thread.join(PATIENCE)

    assert (during, second) == (60, 0)
    assert all_of("http.request").count == 60
    assert buckets() == (60, 60)


@pytest.mark.parametrize("table", ["monitoring_minute", "monitoring_hour"])
def test_a_roll_up_that_is_killed_is_done_by_the_next(table: str, environment: dict[str, str]) -> None:
    tell(30)
    killed = subprocess.run(
        [sys.executable, "-c", DIE.format(table=table)],
        cwd=PROJECT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
        timeout=300,
    )
    assert killed.returncode == -9
    assert all_of("http.request").count == 60

    while MetricDelta.objects.exists():  # the server may still be ending the killed one's transaction
        roll_up_metrics()

    assert buckets() == (60, 60)


def test_a_series_that_another_transaction_is_making_is_told_all_the_same() -> None:
    """A delta names its series in words: it waits for nobody who may yet roll back."""
    with transaction.atomic():
        counted("product.views", this_hour(), 1)
        race([partial(counted, "product.views", this_hour(), 2), roll_up_metrics])

    roll_up_metrics()
    assert all_of("product.views").count == 3
    assert told_series() == 1
