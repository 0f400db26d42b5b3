"""With no room for figures and traces the work goes on, to the last row, and it is said; later all is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from monitoring.health import ask
from monitoring.metrics import deltas
from monitoring.metrics.collect import collector
from monitoring.metrics.summary import Summary
from monitoring.metrics.with_rows import add_with_rows
from monitoring.models import MetricDelta
from monitoring.traces.export import exporter
from tests.builders import counts, error_line, ids, ids_of, image, ingested, jsonl, receipts, status_of
from tests.concurrency.racing import PATIENCE
from tests.figures import all_of
from tests.stored_spans import names

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]
STORES = ("monitoring_metricdelta", "monitoring_span", "monitoring_logline")
REFUSING = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {}; RETURN NULL; END$$"
# What PostgreSQL says when the disk of these tables is full, to whoever writes into them.
FULL = "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'"
GONE = "PERFORM pg_terminate_backend(pg_backend_pid())"


@contextmanager
def stores(saying: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(REFUSING.format(saying))
        for table in STORES:
            cursor.execute(
                f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
            )
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "LIMIT_SECONDS", PATIENCE)


def health() -> tuple[int, str]:
    ask._looks.clear()
    answer = Client().get("/api/health", {"checks": "figures"})
    return answer.status_code, json.loads(answer.content)["checks"]["figures"]["status"]


@pytest.mark.usefixtures("small_chunks")
def test_the_work_goes_on_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with stores(FULL):
        ingested(receipts(range(9)) + jsonl([error_line(image(9))]))
        collector().flush()
        exporter().flush()

        assert (status_of(), counts()) == ("with_letters", {"inserted": 9, "dead": 1})
        assert ids() == ids_of(range(9))
        events = [record.message for record in caplog.records]
        assert (events.count("metrics_not_stored"), events.count("spans_not_stored")) == (1, 1)
        assert health() == (503, "failing")
        assert not MetricDelta.objects.exists()

    collector().flush()
    exporter().flush()
    lines = all_of("batch.lines", kind="receipts")
    assert (lines.count, lines.errors, all_of("batch.file").count) == (10, 1, 1)
    assert names()["finish"] > 0
    assert health() == (200, "ok")


def test_figures_of_what_was_rolled_back_are_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("batches.pipeline.write._finish_chunk", killed)
    with stores(FULL), pytest.raises(KeyboardInterrupt):
        ingested(receipts(range(9)))
    collector().flush()

    assert all_of("batch.lines").count == 0


def test_with_the_connection_gone_it_is_the_transaction_that_fails() -> None:
    with stores(GONE), pytest.raises(OperationalError), transaction.atomic():
        add_with_rows([(deltas.key("product.edits", {}), Summary(1))])

    assert not collector().failing
