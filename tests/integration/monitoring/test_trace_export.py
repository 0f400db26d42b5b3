"""Spans on their way into the database: exactly once, never in the way of the work, bounded when it is away."""

from __future__ import annotations

import gzip
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection
from pytest_django import Settings

from monitoring.metrics.collect import collector
from monitoring.models import MetricDelta, Span, Trace
from monitoring.traces import export, spans, store
from monitoring.traces.export import exporter
from monitoring.traces.rows import SpanRow
from tests.ports import free_port
from tests.stored_spans import names

pytestmark = pytest.mark.django_db(transaction=True)


def some_work(number: int) -> None:
    for at in range(number):
        with spans.span("work", root=True, at=at):
            pass


def flush_with_the_database_away() -> None:
    """In a thread, which has a connection of its own: one to a port where nobody listens."""

    def flush() -> None:
        connection.settings_dict = {**connection.settings_dict, "PORT": str(free_port())}
        exporter().flush()

    thread = threading.Thread(target=flush)
    thread.start()
    thread.join()


def test_what_could_not_be_stored_is_stored_later(caplog: pytest.LogCaptureFixture) -> None:
    some_work(3)
    flush_with_the_database_away()
    some_work(1)
    flush_with_the_database_away()

    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == ["spans_not_stored"]
    assert names() == {"work": 4}


def test_the_oldest_beyond_the_bound_are_lost_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST", 5)
    some_work(4)
    flush_with_the_database_away()
    some_work(4)

    assert names() == {"work": 5}
    assert list(Span.objects.order_by("started_at").values_list("attributes__at", flat=True)) == [3, 0, 1, 2, 3]
    collector().flush()
    lost = MetricDelta.objects.get(metric="telemetry.lost")
    assert (lost.count, lost.labels) == (3, {"what": "spans"})


def test_stored_twice_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[SpanRow]] = []
    usual = store.store

    def twice(rows: list[SpanRow], lines: list[object]) -> None:
        sent.append(rows)
        usual(rows, [])
        usual(rows, [])

    monkeypatch.setattr(export, "store", twice)
    with spans.span("outer", root=True), spans.span("inner"):
        pass

    assert names() == {"outer": 1, "inner": 1}
    assert len(sent) == 1
    assert Trace.objects.get().spans == 2


def test_a_trace_in_two_parts_is_summed_up_in_one_row() -> None:
    first = spans.begin("first", root=True, job=7)
    trace_id = f"{first.place.trace_id:032x}"
    first.end(ValueError("x"))
    assert names() == {"first": 1}
    with spans.span("second", trace_id=trace_id):
        pass
    assert names() == {"first": 1, "second": 1}

    trace = Trace.objects.get()
    ends = Span.objects.order_by("started_at").last()
    assert ends
    assert (trace.name, trace.spans, trace.errors, trace.job_id) == ("first", 2, 1, 7)
    assert trace.seconds == pytest.approx((ends.started_at - trace.started_at).total_seconds() + ends.seconds, abs=1e-4)


def test_what_cannot_be_stored_takes_nothing_else_along() -> None:
    some_work(1)
    with spans.span("broken", root=True) as step:
        step._span.set_attribute("text", "half a character: \ud800")  # jsonb refuses it
    some_work(1)

    assert names() == {"work": 2}


def test_storing_is_not_told_of() -> None:
    some_work(2)
    exporter().flush()
    collector().flush()
    exporter().flush()
    collector().flush()

    assert not MetricDelta.objects.exists()
    assert set(names()) == {"work"}


def test_a_collector_gets_the_same_spans(settings: Settings) -> None:
    got: list[tuple[str, bytes]] = []

    class Collecting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Collecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.OTLP_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
        with spans.span("outer", root=True):
            spans.leaf("SELECT letters", "database", spans.now(), 0.1, statement="SELECT 'taro'")
        exporter().stop()
        server.shutdown()

    ((path, body),) = got
    assert path == "/v1/traces"
    assert b"outer" in body
    assert b"SELECT letters" in body
    assert b"taro" not in body
