"""As long as alarms are evaluated an outside service is told so; that it is away changes nothing here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from monitoring.alarms import heartbeat
from monitoring.alarms.evaluator import evaluate_due
from monitoring.models import EvaluatorPass
from tests.alarms import evaluated
from tests.figures import MINUTE, a_minute

pytestmark = pytest.mark.django_db
START = a_minute()


@pytest.fixture
def asked(settings: Settings) -> Iterator[list[str]]:
    """What the service was asked for."""
    paths: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(500 if len(paths) > 1 else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not to the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.NOTIFY_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.DEADMAN_URL = f"http://127.0.0.1:{server.server_port}/ping/secret"
    yield paths
    server.shutdown()
    thread.join()
    server.server_close()


def test_pinged_once_for_each_minute_that_was_evaluated(asked: list[str]) -> None:
    for minute in (START, START, START + MINUTE):
        evaluated(minute)

    assert asked == ["/ping/secret"] * 2
    assert list(EvaluatorPass.objects.order_by("minute").values_list("pinged", flat=True)) == ["ok", "answered 500"]


def test_not_pinged_when_the_look_was_given_up(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the figures cannot be read")

    monkeypatch.setattr("monitoring.alarms.silence.active", broken)
    with pytest.raises(RuntimeError):
        evaluated(START)
    assert asked == []
    assert not EvaluatorPass.objects.exists()


def test_service_that_is_away_is_noted_without_its_address(settings: Settings) -> None:
    settings.NOTIFY_PRIVATE_ADDRESSES = ["127.0.0.1"]
    settings.DEADMAN_URL = "http://127.0.0.1:9/ping/secret"
    done = evaluated(START)
    assert done is not None
    assert done.pinged == "not reached: NotTaken"


def test_evaluator_that_is_late_is_said() -> None:
    now = timezone.now()
    assert "No alarm has been evaluated yet" in heartbeat.last(now).late
    evaluated(START)
    assert heartbeat.last(START + 2 * MINUTE).late == ""
    assert "No alarm has been evaluated for 4 min" in heartbeat.last(START + 4 * MINUTE).late


@pytest.mark.filterwarnings("ignore:No directory at")
@pytest.mark.parametrize("page", ["/admin/", "/admin/monitoring/alarmrule/"])
def test_pages_say_that_the_evaluator_is_late(admin_client: Client, page: str) -> None:
    def text() -> str:
        return admin_client.get(page).content.decode()

    said = "The evaluator is late."
    assert said in text()  # nobody has evaluated anything yet
    evaluate_due(timezone.now())
    assert said not in text()
    EvaluatorPass.objects.update(minute=F("minute") - timedelta(hours=2))
    assert said in (html := text())
    assert "No alarm has been evaluated for 2 h: is the scheduler (beat) running?" in html
