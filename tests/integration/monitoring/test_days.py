"""Days, hours and minutes together: a long span has the same figures as its minutes, however it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import Settings

from monitoring.metrics import read
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.metrics.spans import DAY, HOUR, MINUTE, day_of, hour_of, next_day, pieces
from monitoring.pages import time_range
from tests.figures import counted, measured

pytestmark = pytest.mark.django_db


def of_late(**back: float) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) - timedelta(**back)


def test_a_long_span_is_the_sum_of_its_minutes() -> None:
    """And stays so while figures move from deltas into minutes, hours and days."""
    start, end = of_late(days=3, minutes=17), of_late(minutes=5)
    for hours in range(0, 73):
        measured("task.run", start + hours * HOUR, [0.1 + hours / 100, 2.0], failed=1, task=f"t{hours % 3}")
    measured("task.run", start - MINUTE, [9.0], task="t0")
    measured("task.run", end, [9.0], task="t0")

    before = read.summary("task.run", start, end)
    roll_up_metrics()
    after = read.summary("task.run", start, end)

    whole = read.points("task.run", start, end, end - start)[()][0].summary
    assert whole.total == pytest.approx(after.total)  # added up in another order
    assert (whole.count, whole.errors, whole.least, whole.most, whole.bins) == (
        after.count, after.errors, after.least, after.most, after.bins
    )  # fmt: skip
    each = read.by("task.run", "task", start, end)
    assert (len(each), sum(its.count for its in each.values())) == (3, after.count)

    inside = 2 * sum(start + hours * HOUR < end for hours in range(73))
    assert (before.count, before.errors, before.least) == (inside, inside // 2, 0.1)
    assert after.total == pytest.approx(before.total)
    assert (after.count, after.errors, after.least, after.most, after.bins) == (
        before.count, before.errors, before.least, before.most, before.bins
    )  # fmt: skip
    assert {table for table, _, _ in pieces(start, end)} == {"monitoring_day", "monitoring_hour", "monitoring_minute"}


def test_a_minute_that_is_rolled_up_again_and_again_counts_once_each() -> None:
    """In minutes, hours and days, of each series and of all of the metric."""
    start, end = of_late(days=2, minutes=90), of_late(minutes=-1)
    at = of_late(days=1)
    for turn in range(1, 4):
        for task in ("a", "b"):
            measured("task.run", at, [1.0], task=task, queue="q")
        roll_up_metrics()
        assert read.summary("task.run", at, at + MINUTE).count == 2 * turn
        assert read.summary("task.run", start, end).count == 2 * turn
        assert read.summary("task.run", start, end, task="a").count == turn
        hour = hour_of(at)
        assert read.summary("task.run", hour, hour + HOUR).count == 2 * turn


def test_nothing_is_in_an_empty_span() -> None:
    counted("batch.lines", at := of_late(hours=1), kind="receipts")
    assert read.summary("batch.lines", at, at).count == 0


def test_among_some_of_a_label_s_values() -> None:
    at = of_late(minutes=5)
    for task in ("a", "b", "c"):
        counted("task.run", at, 2, task=task, queue="q")
    roll_up_metrics()
    counted("task.run", at, 1, task="c", queue="q")
    found = read.points("task.run", at, at + MINUTE, MINUTE, by=["task"], among=["a", "c"])
    assert {key: points[0].summary.count for key, points in found.items()} == {("a",): 2, ("c",): 3}


def test_by_label_and_by_metric_in_one_statement() -> None:
    at = of_late(hours=2)
    counted("batch.lines", at, 10, 3, kind="receipts")
    counted("batch.lines", at, 5, kind="products")
    measured("queue.depth", at, [7], queue="nightshelf", broker="redis")
    roll_up_metrics()
    counted("batch.lines", at, 1, 1, kind="receipts")

    found = read.totals(["batch.lines", "queue.depth"], at, at + MINUTE, by=["kind"])

    assert {key: (its.count, its.errors) for key, its in found["batch.lines"].items()} == {
        ("receipts",): (11, 4), ("products",): (5, 0),
    }  # fmt: skip
    assert found["queue.depth"][("",)].average == 7


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Asia/Kolkata", "Europe/Berlin", "America/St_Johns"])
def test_steps_of_a_day_are_the_business_s_days(settings: Settings, zone: str) -> None:
    settings.TIME_ZONE = zone
    today = day_of(timezone.now())
    yesterday = day_of(today - HOUR)
    counted("batch.lines", today - MINUTE, 2, kind="receipts")
    counted("batch.lines", today, 3, kind="receipts")

    def days() -> list[tuple[datetime, int]]:
        points = read.points("batch.lines", yesterday, next_day(today), DAY)[()]
        return [(point.at, point.summary.count) for point in points]

    before = days()
    roll_up_metrics()

    assert before == days() == [(yesterday, 2), (today, 3)]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
def test_days_on_which_clocks_change(settings: Settings, day: str, hours: int) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert next_day(day_of(noon)) - day_of(noon) == timedelta(hours=hours)
    assert day_of(next_day(day_of(noon)) - MINUTE) == day_of(noon)


@pytest.mark.parametrize("key", time_range.SPANS)
@pytest.mark.parametrize("now", ["2026-10-25T02:30Z", "2026-03-29T12:34Z", "2026-12-31T23:59:59Z"])
def test_ranges_end_with_the_present_step_and_have_no_gap(settings: Settings, key: str, now: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    moment = datetime.fromisoformat(now)
    its = time_range.of_key(key, moment)

    assert len(its.starts) == time_range.SPANS[key].steps <= 180
    assert all(its.end_of(earlier) == later for earlier, later in pairwise(its.starts))
    assert its.starts[-1] <= moment < its.end
    assert len(set(its.short_labels)) == len(its.starts)


def test_an_hour_that_is_there_twice_says_which(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    labels = time_range.of_key("24h", datetime(2026, 10, 25, 8, tzinfo=UTC)).short_labels
    assert {"02:00 CEST", "02:00 CET", "03:00"} <= set(labels)


def test_half_an_hour_off_utc(settings: Settings) -> None:
    """Hours are those of UTC and days those of India: what lies between is read from minutes, once."""
    settings.TIME_ZONE = "Asia/Kolkata"
    midnight = day_of(timezone.now() - DAY)
    start, end = (midnight - 2 * DAY - HOUR).replace(minute=0), midnight + HOUR
    for at in (start, midnight - DAY - MINUTE, midnight - 10 * MINUTE, midnight, midnight + 45 * MINUTE):
        counted("batch.lines", at, kind="receipts")
    roll_up_metrics()
    assert read.summary("batch.lines", start, end).count == 5
