"""Channels and what became of notices, in every state: no complaint in the console, nothing wider than the screen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from monitoring.channels.hand_out import hand_out
from monitoring.models import Channel, Delivery, Notice
from tests.browser.test_looks import SCREENS, opened
from tests.channels import a_channel, a_notice

EMPTY = {
    "channels-none": "admin:monitoring_channel_changelist",
    "channels-failed-none": "admin:monitoring_delivery_changelist",
    "channels-new": "admin:monitoring_channel_add",
}
STATES = (
    ("sent", ""),
    ("given_up", "The answer was 404: no_service"),
    ("unsure", "The mail server broke off: timed out"),
)


@pytest.fixture
def told(operator: User) -> dict[str, str]:
    """Every kind of channel and every state of a delivery; a notice that nobody takes."""
    slack = a_channel(
        kind="slack", name="Slack: #nightshift", shown_as="https://hooks.slack.com/…q8Zt", topics=["alarm"]
    )
    mail = a_channel(kind="email", name="Shop managers", shown_as="ginza@shop.example and 3 more")
    a_channel(kind="sns", name="Pager", shown_as="arn:aws:sns:ap-northeast-1:123456789012:pager", enabled=False)
    hook = a_channel(name="Ticket system of the head office in Kawasaki", shown_as="https://tickets.shop.example/…hook")
    Channel.objects.filter(pk=hook.pk).update(failures=3, retry_at=timezone.now() + timedelta(minutes=2))
    notices = [a_notice("alarm", subject=f"桜の湯呑み at GINZA: {number} left") for number in range(4)]
    hand_out()
    kept = a_notice("stock digest", subject="A notice that nobody takes")
    Notice.objects.filter(pk=kept.pk).update(state="kept")
    for notice, (status, why) in zip(notices, STATES, strict=False):
        Delivery.objects.filter(notice=notice).update(
            status=status, last_error=why, attempts=3, tried_at=timezone.now(), finished_at=timezone.now()
        )
        Notice.objects.filter(pk=notice.pk).exclude(pk=notices[0].pk).update(state="failed")
    Notice.objects.filter(pk=notices[0].pk).update(state="sent", sent_at=timezone.now())
    mixed = notices[3].deliveries.all()
    mixed.filter(channel=mail).update(status="unsure", last_error=STATES[2][1], attempts=1, tried_at=timezone.now())
    mixed.filter(channel=hook).update(
        last_error="The answer was 503: down for an hour", attempts=3, tried_at=timezone.now()
    )
    return {
        "channels": reverse("admin:monitoring_channel_changelist"),
        "channels-one": _page("channel", hook.pk),
        "channels-slack": _page("channel", slack.pk),
        "channels-secret": reverse("admin:monitoring_channel_secret", args=[hook.pk]),
        "channels-failed": reverse("admin:monitoring_delivery_changelist"),
        "channels-retry": reverse("admin:monitoring_delivery_retry", args=[mixed.get(channel=mail).pk]),
        "channels-notice": _page("notice", notices[3].pk),
        "channels-kept": _page("notice", kept.pk),
        "channels-outbox": reverse("admin:monitoring_notice_changelist"),
        "channels-home": reverse("admin:index"),
    }


@pytest.mark.parametrize("screen", SCREENS)
def test_channel_pages(page: Page, told: dict[str, str], screen: str, screenshots: Path | None) -> None:
    _shown(page, screen, told, screenshots)


def test_channel_pages_with_nothing(page: Page, screenshots: Path | None) -> None:
    _shown(page, "light", {name: reverse(view) for name, view in EMPTY.items()}, screenshots)


def _shown(page: Page, screen: str, pages: dict[str, str], screenshots: Path | None) -> None:
    chosen = SCREENS[screen]
    page.emulate_media(color_scheme=chosen["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(chosen["width"])), "height": 900})
    for name, url in pages.items():
        opened(page, url)
        if screenshots:
            page.screenshot(path=screenshots / f"{name}-{screen}.png", full_page=True)


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:monitoring_{model}_change", args=[pk])
