"""Finished minutes in CloudWatch: what they become, in order and without gaps."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from monitoring.cloudwatch.data import MOST_VALUES, calls
from monitoring.cloudwatch.freeze import freeze_next, last_finished
from monitoring.cloudwatch.publish import publish
from monitoring.metrics import bins
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.models import CloudWatchCall, MinuteCursor
from tests.integration.cloudwatch.cloud import MINUTE, events, metric_names, published, published_since, told

SUCCESS, FAILURE = "BatchResult/SuccessCount", "BatchResult/FailureCount"


@pytest.mark.django_db
def test_a_finished_minute_becomes_values_and_counts(now: datetime, namespace: str) -> None:
    [minute] = published_since(now, 1)
    told("batch.lines", minute, count=10, errors=3, kind="receipts")
    told("batch.lines", minute, count=5, errors=1, kind="products")
    told("batch.file", minute, 0.5, 0.5, 61.0, kind="receipts")
    told("queue.depth", minute, 7, queue="night", broker="redis")
    told("queue.depth", minute, 2, queue="day", broker="redis")
    told("dlq.depth", minute, 4)
    told("batch.lines", minute + MINUTE, count=99, kind="receipts")  # not over, or not settled
    publish(now)

    assert published(SUCCESS, namespace) == {minute: {"n": 1, "sum": 11}}
    assert published(FAILURE, namespace) == {minute: {"n": 1, "sum": 4}}
    processing = published("BatchResult/ProcessingTime", namespace)[minute]
    assert processing["n"] == 3
    assert processing["sum"] == pytest.approx(62_000, rel=0.02)  # in milliseconds
    assert published("BatchResult/DLQDepth", namespace) == {minute: {"n": 1, "sum": 4}}
    assert published("Queue/Depth", namespace) == {minute: {"n": 2, "sum": 9}}
    assert published("Queue/Depth", namespace, Queue="night", Broker="redis") == {minute: {"n": 1, "sum": 7}}

    before = metric_names(namespace)
    publish(now)
    assert metric_names(namespace) == before
    assert not CloudWatchCall.objects.exists()


@pytest.mark.django_db
def test_it_is_off_unless_configured(now: datetime, namespace: str, settings: Settings) -> None:
    settings.CLOUDWATCH_METRICS = False
    publish(now)
    assert not MinuteCursor.objects.exists()


@pytest.mark.django_db
def test_it_begins_with_the_present(now: datetime, namespace: str) -> None:
    told("dlq.depth", last_finished(now), 4)
    publish(now)
    assert metric_names(namespace) == {}

    told("dlq.depth", last_finished(now) + MINUTE, 5)
    publish(now + MINUTE)
    assert published("BatchResult/DLQDepth", namespace) == {last_finished(now) + MINUTE: {"n": 1, "sum": 5}}


@pytest.mark.django_db
def test_an_outage_leaves_no_gap(
    now: datetime, namespace: str, settings: Settings, endpoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    minutes = published_since(now, 30)
    for number, minute in enumerate(minutes):
        told("batch.lines", minute, count=number + 1, kind="receipts")
    roll_up_metrics()
    settings.CLOUDWATCH_ENDPOINT_URL = "http://127.0.0.1:1"
    with caplog.at_level(logging.INFO, logger="nightshelf"):
        publish(now)
        publish(now)

    assert events(caplog) == ["cloudwatch_away"]
    assert CloudWatchCall.objects.count() == 1  # the others stay figures of ours

    settings.CLOUDWATCH_ENDPOINT_URL = endpoint
    publish(now)
    assert published(SUCCESS, namespace) == {
        minute: {"n": 1, "sum": number + 1} for number, minute in enumerate(minutes)
    }


@pytest.mark.django_db
def test_what_is_too_old_is_said(now: datetime, namespace: str, caplog: pytest.LogCaptureFixture) -> None:
    MinuteCursor.objects.create(name="cloudwatch", minute=now.replace(second=0) - timedelta(days=30))
    assert freeze_next(now) == now.replace(hour=0, minute=0, second=0) - timedelta(days=7)
    assert events(caplog) == ["cloudwatch_minutes_lost"]


@pytest.mark.django_db
def test_a_large_minute_is_split_within_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    minute = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    wide = [bins.value_of(bin) for bin in range(-160, 190)]  # of 350 bins
    told("http.request", minute, *wide, route="home", method="GET")
    told("batch.file", minute, *wide, kind="receipts")
    monkeypatch.setattr("monitoring.cloudwatch.data.MOST_PAIRS", 400)
    parts = calls(minute)

    assert [[datum["MetricName"] for datum in part] for part in parts] == [
        ["BatchResult/ProcessingTime"] * 3 + ["BatchResult/ProcessingFailureCount"],
        ["Http/RequestTime"] * 3 + ["Http/RequestFailureCount"],
    ]
    assert [len(datum["Values"]) for datum in parts[0]] == [MOST_VALUES, MOST_VALUES, 50, 1]
    assert sum(parts[1][2]["Counts"]) + sum(parts[1][1]["Counts"]) + sum(parts[1][0]["Counts"]) == 350
