"""When a maintenance window is open: once, each day or each week, at its own time of day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from monitoring.alarms.silence import is_open
from monitoring.models import MaintenanceWindow
from monitoring.models.silence import Repeats

TOKYO = ZoneInfo("Asia/Tokyo")
BEGIN = datetime(2026, 3, 2, 23, 0, tzinfo=TOKYO)  # a Monday; it goes on past midnight


def window(repeats: str, until: date | None = None) -> MaintenanceWindow:
    return MaintenanceWindow(begins_at=BEGIN, ends_at=BEGIN + timedelta(hours=3), repeats=repeats, repeats_until=until)


@pytest.mark.parametrize(
    ("repeats", "moment", "found"),
    [
        (Repeats.NEVER, BEGIN, True),
        (Repeats.NEVER, BEGIN - timedelta(seconds=1), False),
        (Repeats.NEVER, BEGIN + timedelta(hours=3), False),
        (Repeats.NEVER, BEGIN + timedelta(days=1), False),
        (Repeats.DAILY, BEGIN + timedelta(days=1), True),
        (Repeats.DAILY, BEGIN + timedelta(days=400, hours=2, minutes=59), True),
        (Repeats.DAILY, BEGIN + timedelta(days=1, hours=3), False),
        (Repeats.DAILY, BEGIN - timedelta(days=1), False),
        (Repeats.WEEKLY, BEGIN + timedelta(days=7, hours=2), True),
        (Repeats.WEEKLY, BEGIN + timedelta(days=6, hours=2), False),
        (Repeats.WEEKLY, BEGIN + timedelta(days=8), False),
    ],
)
def test_open(repeats: str, moment: datetime, found: bool) -> None:
    assert is_open(window(repeats), moment) is found


def test_until_its_last_day() -> None:
    last = window(Repeats.DAILY, until=date(2026, 3, 5))
    assert is_open(last, BEGIN + timedelta(days=3, hours=2))
    assert not is_open(last, BEGIN + timedelta(days=4))


def test_its_time_of_day_stays_when_the_clocks_change(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 3, 20, 4, 0, tzinfo=zone)
    daily = MaintenanceWindow(begins_at=begin, ends_at=begin + timedelta(hours=1), repeats=Repeats.DAILY)
    assert is_open(daily, datetime(2026, 4, 1, 4, 30, tzinfo=zone))
    assert not is_open(daily, datetime(2026, 4, 1, 5, 30, tzinfo=zone))
