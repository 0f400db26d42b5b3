"""The alarms' pages in every state: no complaint in the console, nothing wider than the screen; tried while typing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring.alarms.acknowledge import acknowledge
from monitoring.alarms.mute import mute
from monitoring.alarms.points import settled
from monitoring.models import AlarmRule, MaintenanceWindow
from monitoring.models.silence import Repeats
from tests.alarms import a_level, a_rule, evaluated
from tests.browser.test_looks import SCREENS, opened
from tests.figures import MINUTE, counted, measured


@pytest.fixture
def alarms(operator: User) -> dict[str, str]:
    """One that is on, one that was seen to, one that is muted, one that cannot be evaluated, one nobody wants."""
    AlarmRule.objects.all().delete()  # the first test of a run finds those that `migrate` has made
    end = settled(timezone.now())
    for back in range(1, 90):
        counted("batch.lines", end - back * MINUTE, 1000, 90 if back < 8 or 40 < back < 55 else 10, kind="receipts")
        measured("dlq.depth", end - back * MINUTE, [3 if back < 4 else 0])
    red, level, disk = a_rule(), a_level(), a_level("Disk", metric="disk.used", threshold=90)
    gone, new = a_rule("Gone figure", metric="batch.nothing"), a_rule("Nobody wants this", enabled=False)
    for back in (60, 50, 30, 4, 0):
        evaluated(end - back * MINUTE)
    acknowledge(level.pk, actor=operator, note="Looking at the three letters; a redrive is prepared.")
    mute(disk.pk, actor=operator, until=timezone.now() + timedelta(hours=4), reason="The new disk arrives at noon.")
    window = MaintenanceWindow.objects.create(
        name="Nightly backup", begins_at=end - timedelta(days=3), ends_at=end - timedelta(days=2, hours=23),
        repeats=Repeats.DAILY, reason="Backups slow the disk.", by=operator,
    )  # fmt: skip
    rules = {"red": red, "acknowledged": level, "muted": disk, "gone": gone, "disabled": new}
    return {
        "alarms": reverse("admin:monitoring_alarmrule_changelist"),
        **{f"alarm-{name}": reverse("admin:monitoring_alarmrule_change", args=[r.pk]) for name, r in rules.items()},
        "alarm-edit": reverse("admin:monitoring_alarmrule_edit", args=[red.pk]),
        "alarm-mute": reverse("admin:monitoring_alarmrule_mute", args=[red.pk]),
        "alarm-new": reverse("admin:monitoring_alarmrule_add"),
        "maintenance": reverse("admin:monitoring_maintenancewindow_changelist"),
        "maintenance-one": reverse("admin:monitoring_maintenancewindow_change", args=[window.pk]),
    }


def test_alarm_pages(page: Page, alarms: dict[str, str], screenshots: Path | None) -> None:
    for screen, chosen in SCREENS.items():
        page.emulate_media(color_scheme=chosen["scheme"])  # type: ignore[arg-type]
        page.set_viewport_size({"width": int(str(chosen["width"])), "height": 900})
        for name, url in alarms.items():
            opened(page, url)
            if screenshots:
                page.screenshot(path=screenshots / f"{name}-{screen}.png", full_page=True)


def test_settings_are_tried_while_they_are_typed_and_then_kept(page: Page, alarms: dict[str, str]) -> None:
    opened(page, alarms["alarm-edit"])
    tried = page.locator("#alarm-preview")
    expect(tried).to_contain_text("it would have alarmed 2 times")

    page.get_by_label("Threshold").fill("20")
    page.get_by_label("Threshold").press("Tab")

    expect(tried).to_contain_text("it would not have alarmed")
    assert AlarmRule.objects.get(name="Lines fail").threshold == 5
    page.get_by_label("Why").fill("Too loud.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").or_(page.get_by_text("Kept. The next look")).first).to_be_visible()
    assert AlarmRule.objects.get(name="Lines fail").threshold == 20
