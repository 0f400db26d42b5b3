"""Partitions are there before they are needed, in UTC whatever the zone, and dropped as a whole when too old."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from monitoring import partitions
from monitoring.metrics import read
from monitoring.metrics.roll_up import roll_up_metrics
from monitoring.models import HourBucket, MinuteBucket
from monitoring.partitions import TABLES, keep_partitions, make_for
from tests.concurrency.racing import PATIENCE, race
from tests.figures import counted, hours

FAR = datetime(2041, 12, 31, 23, 59, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kept_for_ever(settings: Settings) -> None:
    for table in TABLES.values():
        setattr(settings, table.setting, 366 * 40)


@pytest.fixture
def own(transactional_db: None) -> Iterator[None]:
    """Partitions outlive the emptying of the tables: those of the test go."""
    before = names()
    yield
    for name in names() - before:
        partitions._drop(name)


def names() -> set[str]:
    return {name for table in TABLES for name, _ in partitions._partitions(table)}


def partition_of(model: type[MinuteBucket] | type[HourBucket]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT tableoid::regclass::text FROM {model._meta.db_table} ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "Asia/Kathmandu"])
def test_a_row_goes_where_its_day_and_month_of_utc_are(zone: str) -> None:
    """The last minute of a year, and the first of the next, told in the zone of the business."""
    with timezone.override(ZoneInfo(zone)):
        for moment in (FAR, FAR + timedelta(minutes=1)):
            counted("product.views", moment.astimezone(ZoneInfo(zone)), 1)
        roll_up_metrics()

        assert partition_of(MinuteBucket) == ["monitoring_minute_20411231", "monitoring_minute_20420101"]
        assert partition_of(HourBucket) == ["monitoring_hour_204112", "monitoring_hour_204201"]
        hours = read.points(
            "product.views", FAR - timedelta(minutes=59), FAR + timedelta(minutes=61), timedelta(hours=1)
        )[()]
    assert [(point.at.astimezone(UTC).hour, point.summary.count) for point in hours] == [(23, 1), (0, 1)]


@pytest.mark.django_db
def test_a_leap_day_and_the_edges_of_months() -> None:
    for day in ("2048-02-28", "2048-02-29", "2048-03-01", "2048-12-31", "2049-01-01"):
        moment = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        for table in TABLES:
            for edge in (moment, moment + timedelta(hours=23, minutes=59, seconds=59)):
                make_for(
                    table, [edge, edge.astimezone(ZoneInfo("Asia/Tokyo")), edge.astimezone(ZoneInfo("Etc/GMT+12"))]
                )

    found = {name for name in names() if "_204" in name}
    assert {name for name in found if name.startswith("monitoring_hour")} == {
        "monitoring_hour_204802", "monitoring_hour_204803", "monitoring_hour_204812", "monitoring_hour_204901",
    }  # fmt: skip
    assert len(found) == 2 * 4 + 5 * 4


@pytest.mark.usefixtures("own")
def test_the_coming_days_are_made_and_what_is_too_old_is_dropped(settings: Settings) -> None:
    keep_partitions(FAR)
    assert {"monitoring_minute_20420102", "monitoring_hour_204201", "monitoring_trace_20420101"} <= names()
    counted("product.views", FAR, 1)
    roll_up_metrics()

    settings.METRIC_MINUTE_DAYS, settings.METRIC_HOUR_DAYS, settings.TRACE_DAYS = 7, 396, 14
    keep_partitions(FAR + timedelta(days=7))
    assert "monitoring_minute_20411231" in names()
    keep_partitions(FAR + timedelta(days=8))
    assert "monitoring_minute_20411231" not in names()
    assert not MinuteBucket.objects.exists()
    assert hours().get().count == 1
    keep_partitions(FAR + timedelta(days=440))
    assert not HourBucket.objects.exists()
    assert not any("2041" in name for name in names())


@pytest.mark.usefixtures("own")
def test_two_that_make_one_at_once_make_it_once() -> None:
    partitions._made.clear()

    race([lambda: make_for("monitoring_minute", [FAR])] * 4)

    assert "monitoring_minute_20411231" in names()


@pytest.mark.usefixtures("own")
def test_one_that_was_rolled_back_is_made_again() -> None:
    with transaction.atomic():
        make_for("monitoring_minute", [FAR])
        transaction.set_rollback(True)

    make_for("monitoring_minute", [FAR])

    assert "monitoring_minute_20411231" in names()


@pytest.mark.usefixtures("own")
def test_one_that_somebody_reads_is_dropped_another_time(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    keep_partitions(FAR)
    settings.METRIC_MINUTE_DAYS = 7
    reading, done = threading.Event(), threading.Event()

    def read_on() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM monitoring_minute")
                reading.set()
                assert done.wait(PATIENCE)
        finally:
            connection.close()

    thread = threading.Thread(target=read_on)
    thread.start()
    assert reading.wait(PATIENCE)
    keep_partitions(FAR + timedelta(days=9))
    assert "monitoring_minute_20411231" in names()
    assert "partition_in_use" in [record.message for record in caplog.records]
    done.set()
    thread.join(PATIENCE)

    keep_partitions(FAR + timedelta(days=9))

    assert "monitoring_minute_20411231" not in names()
