"""A figure is the same at any moment: before its deltas are rolled up, after, and half-way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from monitoring.metrics import read
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.metrics.summary import merged
from monitoring.models import MetricDelta, MinuteBucket, Series
from tests.figures import HOUR, all_of, counted, hours, measured, minutes, this_hour

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def everything(start: datetime) -> list[Any]:
    """All that pages ask for, of one metric: points by the minute and by the hour, parts, and the sum."""
    end = start + 2 * HOUR
    return [
        read.points("http.request", start, end, MINUTE, by=["route", "method"]),
        read.points("http.request", start, end, 5 * MINUTE, labels={"method": "GET"}),
        read.points("http.request", start, end, HOUR, by=["route"]),
        read.by("http.request", "route", start, end),
        read.summary("http.request", start, end, route="a"),
    ]


def test_every_figure_is_the_same_before_and_after_the_roll_up() -> None:
    start = this_hour() - HOUR
    for at in range(90):  # in parts of two, whose sums are exact in any order
        measured(
            "http.request", start + at * MINUTE, [at / 64, 2.0], route="ab"[at % 2], method="GET", failed=at % 3 % 2
        )
        measured("http.request", start + at * MINUTE, [0.5], route="a", method="POST")
    before = everything(start)
    assert MetricDelta.objects.count() == 180

    assert roll_up_metrics() == 180

    assert not MetricDelta.objects.exists()
    assert everything(start) == before
    counted("http.request", start, 5, failed=5, route="b", method="GET")
    parts = read.by("http.request", "route", start, start + 2 * HOUR)
    assert (parts["a"].count, parts["b"].count) == (45 * 2 + 90, 45 * 2 + 5)
    assert parts["b"].errors == sum(at % 3 % 2 for at in range(1, 90, 2)) + 5


def test_the_minutes_of_an_hour_are_its_hour() -> None:
    start = this_hour() - HOUR
    for at in range(60):
        measured("task.run", start + at * MINUTE, [1.0 + at, 100.0 / (at + 1)], task="t", queue="q", failed=1)
        roll_up_metrics()  # each minute for itself, as the scheduler does: the hour grows sixty times

    assert (minutes().count(), hours().count(), Series.objects.count()) == (60, 1, 2)
    each = read.points("task.run", start, start + HOUR, MINUTE)[()]
    hour = read.points("task.run", start, start + HOUR, HOUR)[()][0].summary
    assert len(each) == 60
    assert (hour.count, hour.errors) == (120, 60)
    together = merged(point.summary for point in each)
    assert (hour.bins, hour.least, hour.most) == (together.bins, together.least, together.most)
    assert hour.total == pytest.approx(together.total)


def test_a_delta_that_comes_late_is_added_to_the_minute_it_belongs_to() -> None:
    """A process that could not reach the database for an hour, or a long transaction."""
    start = this_hour() - HOUR
    counted("batch.lines", start, 10, failed=1, kind="receipts")
    roll_up_metrics()

    counted("batch.lines", start, 5, failed=2, kind="receipts")

    assert read.points("batch.lines", start, start + HOUR, MINUTE)[()][0].summary.count == 15
    roll_up_metrics()
    (bucket,) = minutes()
    assert (bucket.count, bucket.errors) == (15, 3)
    assert (hours().get().count, hours().get().errors) == (15, 3)


def test_what_is_older_than_the_minutes_is_still_in_its_hour() -> None:
    start = this_hour() - timedelta(days=30)
    counted("batch.lines", start, 10, kind="receipts")

    roll_up_metrics()

    assert not MinuteBucket.objects.exists()
    assert hours().get().count == 10
    # From a full hour to now, though now is no full hour.
    assert read.summary("batch.lines", start, timezone.now()).count == 10
    assert read.by("batch.lines", "kind", start, timezone.now())["receipts"].count == 10


def test_what_is_older_than_the_hours_is_forgotten_and_keeps_nothing_back() -> None:
    counted("batch.lines", this_hour() - timedelta(days=800), 10, kind="receipts")
    counted("batch.lines", this_hour(), 1, kind="receipts")

    assert roll_up_metrics() == 2

    assert all_of("batch.lines").count == 1
    assert hours().count() == 1


def test_a_step_begins_where_it_is_asked_to_and_holds_what_is_in_it() -> None:
    start = datetime(2026, 3, 1, 10, 7, tzinfo=UTC)
    for at in (-1, 0, 4, 5, 9, 10):
        counted("product.views", start + at * MINUTE, 1)

    points = read.points("product.views", start, start + 10 * MINUTE, 5 * MINUTE)[()]

    assert [(point.at, point.summary.count) for point in points] == [(start, 2), (start + 5 * MINUTE, 2)]


def test_nothing_measured_is_nothing() -> None:
    start = this_hour()

    assert read.points("product.views", start, start + HOUR, MINUTE) == {}
    assert read.by("http.request", "route", start, start + HOUR) == {}
    assert read.summary("product.views", start, start + HOUR).count == 0


def test_labels_narrow_down_and_a_missing_label_is_empty() -> None:
    start = this_hour()
    counted("http.request", start, 1, route="a", method="GET")
    counted("http.request", start, 2, route="a", method="POST")
    counted("http.request", start, 4, route='b"; DROP', method="GET")
    roll_up_metrics()

    assert all_of("http.request", route="a").count == 3
    assert all_of("http.request", method="GET").count == 5
    assert all_of("http.request", route='b"; DROP', method="POST").count == 0
    assert {key: rows[0].summary.count for key, rows in read.points(
        "http.request", start, start + HOUR, HOUR, by=["method", "nobody"]
    ).items()} == {("GET", ""): 5, ("POST", ""): 2}  # fmt: skip
