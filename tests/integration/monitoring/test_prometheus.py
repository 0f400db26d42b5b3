"""`/metrics`: counters that never shrink, histograms, levels; the same from whichever process answers."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from monitoring import partitions, telemetry
from monitoring.metrics import deltas, families
from monitoring.metrics.collect import collector
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.metrics.summary import Summary
from monitoring.models import MetricDelta, MinuteBucket, RunningTotal
from monitoring.prometheus import StoredFigures

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Told = dict[tuple[str, ...], float]


def scraped() -> Told:
    """Each sample as its name and its labels' values, by the labels' names; read by Prometheus' own parser."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def told(metric: str, summary: Summary, at: datetime, **labels: str) -> None:
    deltas.add([(deltas.key(metric, labels, at), summary)])


@pytest.mark.django_db
def test_counters_tell_what_waits_and_what_is_rolled_up() -> None:
    telemetry.count("batch.lines", 10, failed=2, kind="receipts")
    collector().flush()
    before = scraped()
    roll_up_metrics()
    telemetry.count("batch.lines", 5, kind="receipts")
    collector().flush()

    assert before["nightshelf_batch_lines_total", "receipts"] == 10
    assert before["nightshelf_batch_lines_failed_total", "receipts"] == 2
    after = scraped()
    assert after["nightshelf_batch_lines_total", "receipts"] == 15
    assert after["nightshelf_batch_lines_failed_total", "receipts"] == 2


@pytest.mark.django_db(transaction=True)
def test_dropped_partitions_take_nothing_away() -> None:
    long_ago = NOW - timedelta(days=500)
    told("product.views", Summary(count=3), long_ago)
    told("product.views", Summary(count=4), NOW)
    roll_up_metrics()
    told("product.views", Summary(count=5), NOW)
    roll_up_metrics()
    partitions.keep_partitions(NOW + timedelta(days=900))

    assert not MinuteBucket.objects.exists()
    assert not MetricDelta.objects.exists()
    assert RunningTotal.objects.get().count == 12
    assert scraped()["nightshelf_product_views_total",] == 12


@pytest.mark.django_db
def test_times_are_histograms_whose_buckets_are_cumulative() -> None:
    for seconds in (0.003, 0.02, 0.02, 0.9, 7_000.0, 50_000.0):
        telemetry.measure("http.request", seconds, failed=seconds > 1, route="home", method="GET")
    collector().flush()
    roll_up_metrics()

    found = scraped()
    buckets = [found["nightshelf_http_request_seconds_bucket", le, "GET", "home"] for le in families.LES]
    assert buckets == [1, 1, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6]
    assert found["nightshelf_http_request_seconds_count", "GET", "home"] == 6
    assert found["nightshelf_http_request_seconds_sum", "GET", "home"] == pytest.approx(57_000.943)
    assert found["nightshelf_http_request_failed_total", "GET", "home"] == 2


@pytest.mark.django_db
def test_levels_are_those_of_the_last_finished_minute() -> None:
    def level(metric: str, value: float, at: datetime, **labels: str) -> None:
        summary = Summary()
        summary.add_value(value)
        told(metric, summary, at, **labels)

    level("queue.age", 90, NOW - 2 * MINUTE, queue="old", broker="redis")
    level("queue.age", 10, NOW - 2 * MINUTE, queue="night", broker="redis")
    level("queue.age", 20, NOW - MINUTE, queue="night", broker="redis")
    level("queue.age", 30, NOW, queue="night", broker="redis")  # this minute may not be complete
    level("dlq.depth", 4, NOW - 4 * MINUTE)  # too old to be true
    for memory in (100, 50):
        level("process.memory", memory, NOW - MINUTE, process="worker")
    level("disk.used", 25, NOW - MINUTE)

    found = {(family.name, *s.labels.values()): s.value for family in families.looked_at(NOW) for s in family.samples}
    assert found == {
        ("nightshelf_queue_age_seconds", "night", "redis"): 20,
        ("nightshelf_queue_age_seconds", "old", "redis"): 90,
        ("nightshelf_process_memory_bytes", "worker"): 150,
        ("nightshelf_disk_used_ratio",): 0.25,
    }


@pytest.mark.django_db
def test_two_statements_however_many_series() -> None:
    for number in range(50):
        telemetry.count("admin.actions", action=f"action{number}")
    collector().flush()
    roll_up_metrics()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(list(StoredFigures().collect())) == 2
    assert len(queries) == 2


def test_with_the_database_away_figures_are_missing_and_not_0(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(metrics: object) -> Iterator[None]:
        raise ConnectionError("away")

    monkeypatch.setattr(families, "totals", away)
    assert list(StoredFigures().collect()) == []


def process_that_posts(times: int) -> int:
    """A child forked as a server's or a worker's are, which ends as they do; its number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: there is none here
        child = os.fork()
    if child == 0:
        try:
            connection.connection = None  # its parent's
            for _ in range(times):
                telemetry.count("stock.postings", 3, kind="receipt")
            collector().flush()
        finally:
            os._exit(0)
    return child


@pytest.mark.django_db(transaction=True)
def test_two_processes_and_a_restart_lose_nothing() -> None:
    telemetry.count("stock.postings", 1, kind="receipt")  # its own, that no child may tell as well
    for child in [process_that_posts(7) for _ in range(2)]:
        os.waitpid(child, 0)
    roll_up_metrics()
    assert scraped()["nightshelf_stock_postings_total", "receipt"] == 42

    os.waitpid(process_that_posts(7), 0)  # one of them, started anew
    collector().flush()
    assert scraped()["nightshelf_stock_postings_total", "receipt"] == 64
