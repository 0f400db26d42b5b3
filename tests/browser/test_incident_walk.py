"""An incident, walked from the home page: the alarm, what fails, in which job, why, in which letter, and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from batches.models import DeadLetter
from monitoring import process
from monitoring.alarms.evaluator import evaluate_due
from monitoring.alarms.shipped import make_shipped_rules
from monitoring.components import Component
from monitoring.models import AlarmRule, MetricDelta
from monitoring.traces.export import exporter
from tests.alarms import state_of
from tests.browser import walk
from tests.builders import a_job, image, ingested, jsonl, line
from tests.figures import MINUTE, just_after


@pytest.fixture
def a_night(transactional_db: None) -> None:
    """Two jobs, five minutes apart, in each of which every seventh line is wrong, and a look at the rules."""
    make_shipped_rules()
    process.is_(Component.WORKER)
    now = timezone.now().replace(second=0, microsecond=0)
    ingested(_every_seventh_wrong(range(280)), job=a_job("night-2026-11-19", intent_id="intent-1"))
    _was_in(now - 6 * MINUTE, since=now)
    ingested(_every_seventh_wrong(range(10_000, 12_800)), job=a_job(walk.JOB, intent_id="intent-2"))
    _was_in(now - MINUTE, since=now)
    exporter().flush()

    evaluate_due(just_after(now))
    assert state_of(AlarmRule.objects.get(name=walk.ALARM)).state == "ALARM"


def _every_seventh_wrong(numbers: Iterable[int]) -> bytes:
    return jsonl(line(image(at), date="20/11/2026" if at % 7 == 0 else "2026-11-20") for at in numbers)


def _was_in(minute: datetime, since: datetime) -> None:
    """What the take-in told, and the letters it wrote: the shipped rule looks at ten minutes, and no test waits."""
    MetricDelta.objects.filter(minute__gte=since).update(minute=minute)
    DeadLetter.objects.filter(created_at__gte=since).update(created_at=minute + MINUTE / 2)


def test_from_the_alarm_to_the_log_line(page: Page, a_night: None, screenshots: Path | None) -> None:
    page.goto("/admin/?range=15m")
    for number, (name, step) in enumerate(walk.STEPS.items(), start=1):
        step(page)
        if screenshots:
            page.wait_for_timeout(300)  # for charts to be drawn
            page.screenshot(path=screenshots / f"walk-{number}-{name}.png")
