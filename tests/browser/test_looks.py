"""Every page in every state: no complaint in the console, nothing wider than the screen, pictures when asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from batches.letters.filters import LetterFilter
from batches.models import DeadLetter, Transaction
from batches.moves.work import move
from tests.browser import nights
from tests.builders import transaction_id
from tests.integration.pages import page as address
from tests.integration.pages import pages
from tests.moves import the_upload
from tests.redrives import run_redrives, started

LISTS = {
    "home": "/admin/",
    "jobs": "/admin/batches/job/",
    "problems": "/admin/batches/lettergroup/",
    "letters": "/admin/batches/deadletter/",
    "redrives": "/admin/batches/redrive/",
    "audit": "/admin/monitoring/auditentry/",
    "changes": "/admin/monitoring/change/",
    "transactions": "/admin/batches/transaction/",
    "files": "/admin/batches/resultfile/",
    "images": "/admin/batches/imageupload/",
    "upload": "/admin/batches/resultfile/upload/",
    "transfers": "/admin/catalog/transfer/",
    "import": "/admin/catalog/transfer/import/",
    "export": "/admin/catalog/transfer/export/",
    "schedules": "/admin/django_celery_beat/periodictask/",
    "schedule": "/admin/django_celery_beat/periodictask/add/",
    "users": "/admin/auth/user/",
}
SCREENS = {
    "light": {"scheme": "light", "width": 1440},
    "dark": {"scheme": "dark", "width": 1440},
    "narrow": {"scheme": "light", "width": 390},
}
PICTURES = (
    "jobs",
    "job",
    "job-failed",
    "letters",
    "letter",
    "transactions",
    "transaction",
    "picture",
    "picture-failed",
    "image",
    "image-decide",
    "upload",
)


@pytest.fixture
def a_week(settings: Settings) -> dict[str, str]:
    """The addresses of pages that have something to show."""
    settings.CHUNK_BYTES = 20_000
    nights.waiting()
    nights.photographed()
    finished, failed, _, running = nights.finished(), nights.failed(), nights.failing(), nights.running()
    move()
    row = Transaction.objects.filter(job=finished)[0]
    letter = DeadLetter.objects.filter(code="invalid_date")[0]
    redrive = started(LetterFilter(ids=str(letter.pk)), reason="A first try.")
    run_redrives()
    child = DeadLetter.objects.get(parent=letter)
    return {
        **LISTS,
        "job": address("job", finished.pk),
        "job-failed": address("job", failed.pk),
        "job-running": address("job", running.pk),
        "letter": address("deadletter", child.pk),
        "letter-replaced": address("deadletter", letter.pk),
        "edit": reverse("admin:batches_deadletter_edit", args=[child.pk]),
        "discard": f"/admin/batches/deadletter/discard/?ids={child.pk}",
        "problem": address("lettergroup", child.group_id),
        "rule": reverse("admin:batches_lettergroup_rule", args=[child.group_id]),
        "mute": reverse("admin:batches_lettergroup_mute", args=[child.group_id]),
        "redrive": address("redrive", redrive.pk),
        "redrive-new": f"/admin/batches/redrive/new/?group={child.group_id}&status=open",
        "transaction": address("transaction", row.pk),
        "file": address("resultfile", finished.files.get().pk),
        "picture": address("transaction", transaction_id("image-100001", finished.job_id)),
        "picture-failed": address("transaction", transaction_id("image-100002", finished.job_id)),
        "image": address("imageupload", the_upload(100_002).pk),
        "image-decide": reverse("admin:batches_imageupload_decide", args=[the_upload(100_002).pk, "again"]),
        "history": reverse("admin:batches_transaction_history", args=[row.pk]),
    }


def opened(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#content, #page").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{url} is {width} px wider than the screen"


@pytest.mark.parametrize("screen", SCREENS)
def test_full_pages(page: Page, a_week: dict[str, str], screen: str, screenshots: Path | None) -> None:
    chosen = SCREENS[screen]
    page.emulate_media(color_scheme=chosen["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(chosen["width"])), "height": 900})
    for name, url in a_week.items():
        opened(page, url)
        if screenshots and name in PICTURES:
            suffix = "" if screen == "light" else f"-{screen}"
            if screen == "light" or name in ("job", "picture", "image"):
                page.wait_for_timeout(1200)  # the workers' answer and the last transition
                page.screenshot(path=screenshots / f"{name}{suffix}.png", full_page=name == "job")


@pytest.mark.parametrize("screen", SCREENS)
def test_empty_pages(page: Page, screen: str) -> None:
    chosen = SCREENS[screen]
    page.emulate_media(color_scheme=chosen["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(chosen["width"])), "height": 900})
    for url in LISTS.values():
        opened(page, url)
    page.goto(pages("job"))
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()


def test_controls_have_names(page: Page, a_week: dict[str, str]) -> None:
    """Every input, button and link in the content can be told by a screen reader."""
    nameless = """
        [...document.querySelectorAll('#content :is(a[href], button, input:not([type=hidden]), select, textarea)')]
            .filter(e => e.offsetParent !== null)
            .filter(e => !(e.textContent?.trim() || e.title || e.ariaLabel || e.placeholder || e.labels?.length
                || e.getAttribute('aria-labelledby') || e.querySelector('img[alt]')))
            .map(e => e.outerHTML.slice(0, 200))
    """
    ours = ("problems", "problem", "rule", "mute", "redrives", "redrive", "redrive-new", "edit", "discard", "audit")
    for name in ("home", "jobs", "job", "letters", "letter", "transaction", "upload", *ours):
        page.goto(a_week[name])
        assert page.evaluate(nameless) == [], name
    every_bar = "[...document.querySelectorAll('[role=progressbar]')].every(e => e.ariaLabel && e.ariaValueNow)"
    assert page.evaluate(every_bar)
