"""`/api/health`: what it says of each thing it depends on, within its time, and what it never says."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.celery import app
from monitoring.health import ask
from monitoring.health.checks import CHECKS
from monitoring.models import Canary
from tests.concurrency.racing import PATIENCE
from tests.figures import counted
from tests.ports import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]
ALL = ",".join(CHECKS)


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    ask._looks.clear()
    monkeypatch.setattr(ask, "LIMIT_SECONDS", PATIENCE)


@pytest.fixture
def _broker() -> Iterator[None]:
    """The test may name another one."""
    names = ("broker_read_url", "broker_write_url", "broker_transport_options")
    before = {name: app.conf[name] for name in names}
    yield
    app.conf.update(before)


def healthy(checks: str) -> tuple[int, dict[str, Any]]:
    response = Client().get("/api/health", {"checks": checks})
    return response.status_code, json.loads(response.content)


def a_worker_answered(*, ago: float = 1, **more: Any) -> None:
    moment = timezone.now() - timedelta(seconds=ago)
    Canary.objects.update_or_create(
        queue="nightshelf", defaults={"sent_at": moment, "answered_at": moment, "worker": "w@secret-host"} | more
    )


def test_the_process_answers_and_asks_nobody(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/api/health")

    assert (response.status_code, json.loads(response.content)) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_all_is_well() -> None:
    a_worker_answered()

    status, told = healthy(ALL)

    assert (status, told["status"]) == (200, "ok")
    assert list(told["checks"]) == list(CHECKS)
    assert all(check["status"] == "ok" and check["ms"] >= 0 for check in told["checks"].values())


def test_an_unknown_check_is_named_no_failure() -> None:
    for asked in ("nothing", "db,nothing", "", ","):
        status, told = healthy(asked)
        assert (status, told) == (400, {"status": "unknown check", "known": list(CHECKS)})
    assert Client().post("/api/health").status_code == 405


@pytest.mark.usefixtures("_broker")
def test_a_server_that_is_away_fails_alone_and_names_no_host() -> None:
    a_worker_answered()
    address = f"redis://user:geheim@127.0.0.1:{free_port()}/0"
    app.conf.update(broker_read_url=address, broker_write_url=address)

    status, told = healthy("db,broker")

    assert (status, told["status"], told["checks"]["db"]["status"]) == (503, "failing", "ok")
    assert told["checks"]["broker"]["why"] == "The broker does not answer."
    assert not any(word in json.dumps(told) for word in ("geheim", "127.0.0.1", "redis", "user"))


@pytest.mark.usefixtures("_broker")
def test_one_that_hangs_holds_nobody_up_and_hangs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes connections and says nothing, as a stopped server does."""
    monkeypatch.setattr(ask, "LIMIT_SECONDS", 0.3)
    monkeypatch.setattr(ask, "FRESH_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app.conf.update(broker_read_url=address, broker_write_url=address, broker_transport_options={})
        for _ in range(3):
            status, told = healthy("broker")
            assert (status, told["checks"]["broker"]["why"]) == (503, "The broker does not answer.")
        hanging = [thread for thread in threading.enumerate() if thread.name == "health broker"]
        assert len(hanging) == 1
        silent.accept()[0].close()  # it comes to an end after all
    hanging[0].join(PATIENCE)


def test_a_check_is_made_once_a_second_however_often_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(ask, "FRESH_SECONDS", 3600)
    monkeypatch.setitem(CHECKS, "db", CHECKS["db"]._replace(check=type("C", (), {"run": lambda _: made.append(1)})()))

    for _ in range(5):
        assert healthy("db")[0] == 200
    assert len(made) == 1
    monkeypatch.setattr(ask, "FRESH_SECONDS", 0)
    healthy("db")
    assert len(made) == 2


def test_storage_that_is_not_made_yet_is_well_and_one_that_cannot_be_is_not(
    storage_folder: Path, settings: Settings
) -> None:
    shutil.rmtree(storage_folder)
    assert healthy("storage")[0] == 200
    assert not storage_folder.exists()

    ask._looks.clear()
    barred = storage_folder.with_name("a-file") / "storage"
    barred.parent.touch()
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storage.filesystem.RangedFileStorage", "OPTIONS": {"location": barred}},
    }
    status, told = healthy("storage")
    assert (status, told["checks"]["storage"]["why"]) == (503, "Storage does not answer, or refuses.")
    assert str(barred) not in json.dumps(told)


def test_workers_are_known_by_what_they_answered() -> None:
    assert healthy("workers")[0] == 503  # no canary was ever sent

    cases: tuple[tuple[dict[str, Any], int], ...] = (
        ({}, 200),
        ({"waiting_since": timezone.now() - timedelta(minutes=5)}, 503),
        ({"waiting_since": None, "failure": "amqp://user:geheim@secret-host refused"}, 503),
        ({"failure": "", "ago": 600}, 503),
    )
    for more, expected in cases:
        ask._looks.clear()
        a_worker_answered(**more)
        status, told = healthy("workers")
        assert status == expected, more
        assert "secret-host" not in json.dumps(told)


def test_figures_that_nobody_rolls_up_are_told() -> None:
    counted("product.views", timezone.now() - timedelta(minutes=2), 1)
    assert healthy("figures")[0] == 200

    ask._looks.clear()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE monitoring_metricdelta SET minute = now() - interval '20 minutes'")
    assert healthy("figures")[0] == 503
