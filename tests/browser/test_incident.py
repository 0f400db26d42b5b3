"""A real incident, as an operator meets it: from one night on, the model answers dates as 20/11/2026.

3,000 letters in one problem; a rule, tried on samples; a dry run; a ramped redrive by a real worker; resolved.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from batches.models import DeadLetter, Job, LetterGroup, Redrive, Transaction
from batches.states import JobStatus
from monitoring.models import AuditEntry
from tests.browser.conftest import sign_in
from tests.builders import a_job, balance_of, image, jsonl, line, taken_in
from tests.integration.test_worker import wait_until, worker
from tests.redrives import dead_letters

USERS = ("user-tanaka", "user-sato", "user-suzuki")
WRONG, RIGHT = 1000, 50  # of each user's night
WHY = "Since the new prompt the model writes the day first."


@pytest.fixture
def broker() -> str:
    if settings.CELERY_BROKER_URL.startswith("memory"):
        pytest.skip("CELERY_BROKER_URL is in memory, which no other process can reach")
    return str(settings.CELERY_BROKER_URL)


def night(first: int) -> bytes:
    wrong = (line(image(first + at), date=f"{13 + at % 16}/11/2026", amount=480 + at % 700) for at in range(WRONG))
    right = (line(image(first + WRONG + at), date="2026-11-19") for at in range(RIGHT))
    return jsonl([*right, *wrong])


def finished() -> bool:
    return Job.objects.filter(status=JobStatus.WITH_LETTERS).count() == len(USERS)


def test_an_incident(page: Page, environment: dict[str, str], broker: str, screenshots: Path | None) -> None:
    def picture(name: str, *, whole: bool = True) -> None:
        if screenshots:
            page.wait_for_timeout(600)  # the last transition
            page.screenshot(path=screenshots / f"incident-{name}.png", full_page=whole)

    with worker(environment | {"LOG_LEVEL": "WARNING"}, broker):
        for number, user in enumerate(USERS):
            job = a_job(f"night-2026-11-20-{user}", user_id=user, intent_id=f"intent-{user}")
            taken_in(night(number * 10_000), "part-1.jsonl.out", job)
        wait_until(finished, "the nights were not read")

        # One problem, not 3,000: with whom it hurts, and how much.
        page.get_by_role("link", name="Problems").click()
        row = page.locator(".ns-problems tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("3,000")
        expect(row.locator("[data-label=Users]")).to_have_text("3")
        expect(row.get_by_role("img")).to_be_visible()
        picture("1-problems")
        row.get_by_role("link", name="invalid_date · date").click()
        expect(page.get_by_text("is not written YYYY-MM-DD").first).to_be_visible()
        picture("2-problem")

        # A rule, tried on samples before it is kept.
        page.get_by_role("link", name="Write a rule").click()
        expect(page.get_by_label("Written now as")).to_have_value("DD/MM/YYYY")
        page.get_by_role("button", name="Try it on samples").click()
        expect(page.locator("#tried")).to_contain_text("20 of 3,000 were tried")
        expect(page.locator("#tried")).to_contain_text("New row 20")
        expect(page.locator("#tried ins").first).to_contain_text("2026-11-")
        assert not Transaction.objects.filter(date__day__lt=19).exists(), "nothing was written"
        page.get_by_role("textbox", name="Why").fill(WHY)
        picture("3-rule")
        page.get_by_role("button", name="Keep as version 1").click()

        # The redrive: what it takes, a dry run of it, how fast, and why.
        expect(page.get_by_role("heading", name="3,000 letters would be read once more")).to_be_visible()
        expect(page.locator("#dry-run")).to_contain_text("100 of 3,000 were tried")
        expect(page.get_by_label("Begin gently")).to_be_checked()
        page.get_by_role("textbox", name="Why").fill("The rule was tried on 20 letters, and all became rows.")
        picture("4-redrive", whole=False)
        page.get_by_role("button", name="Redrive 3,000 letters").click()

        # Nobody reloads: the page follows to the end.
        live = page.locator("#redrive-live")
        expect(live.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0", timeout=300_000)
        picture("5-running", whole=False)
        expect(live).to_contain_text("3,000 of 3,000 letters were put right.", timeout=300_000)
        expect(live.locator(".ns-head-end")).to_have_text("Finished")
        assert live.get_attribute("hx-get") is None
        picture("6-finished", whole=False)

    # The problem resolved itself with its last letter; the jobs are finished, their balance holds.
    page.get_by_role("link", name="invalid_date date").click()
    expect(page.locator(".ns-head-end").first).to_have_text("Resolved")
    expect(page.get_by_text(WHY)).to_be_visible()
    expect(page.get_by_text("put its last open letters right")).to_be_visible()
    picture("7-resolved")
    page.goto("/admin/batches/lettergroup/")
    expect(page.get_by_role("heading", name="No open problem")).to_be_visible()
    _assert_put_right()


def test_the_way_without_scripts(browser: Browser, live_server: LiveServer, operator: User) -> None:
    letters = dead_letters(3)
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    sign_in(page)
    page.goto("/admin/batches/lettergroup/")
    page.get_by_role("link", name="invalid_date · date").click()
    page.get_by_role("link", name="Write a rule").click()
    page.get_by_role("button", name="Try it on samples").click()
    expect(page.locator("#tried")).to_contain_text("All 3 were tried")
    page.get_by_role("textbox", name="Why").fill(WHY)
    page.get_by_role("button", name="Keep as version 1").click()
    page.get_by_role("button", name="Try it now").click()
    expect(page.locator("#dry-run")).to_contain_text("New row 3")
    page.get_by_role("textbox", name="Why").fill("Tried.")
    page.get_by_role("button", name="Redrive 3 letters").click()
    expect(page.locator("#redrive-live .ns-head-end")).to_have_text("Running")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("No further letter is begun until it is resumed.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("textbox", name="Why").fill("One letter is none.")
    page.get_by_role("button", name="Cancel it").click()
    page.goto(f"/admin/batches/deadletter/{letters[0].pk}/change/")
    page.get_by_role("link", name="Discard").click()
    page.get_by_role("textbox", name="Why").fill("No receipt.")
    page.get_by_role("button", name="Discard 1 letter").click()
    page.get_by_role("link", name="Undo the discarding").click()
    page.get_by_role("textbox", name="Why").fill("It is one.")
    page.get_by_role("button", name="Restore 1 letter").click()
    expect(page.locator(".ns-letter .ns-head-end")).to_contain_text("Open")
    plain.close()
    assert Redrive.objects.get().status == "cancelled"
    assert not Transaction.objects.exists()


def _assert_put_right() -> None:
    assert Transaction.objects.count() == len(USERS) * (WRONG + RIGHT)
    assert not DeadLetter.objects.exclude(status="resolved").exists()
    assert LetterGroup.objects.get().status == "resolved"
    assert Redrive.objects.get().ramp is True
    for user in USERS:
        told = balance_of(f"night-2026-11-20-{user}")
        assert (told.inserted, told.dead) == (WRONG + RIGHT, 0)
    assert {entry.action for entry in AuditEntry.objects.all()} >= {"write_rule", "redrive", "resolve"}
