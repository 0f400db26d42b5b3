"""One way through the admin as an operator goes it: sign in, upload, watch, look into what failed, confirm."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from batches.models import DeadLetter, Job, ResultFile, Transaction
from tests.browser import nights
from tests.browser.conftest import sign_in
from tests.builders import line_in_file, run_all
from tests.integration.pages import mixed_file, mixed_job
from tests.integration.pages import page as address


def test_sign_in_leads_home(context: BrowserContext, operator: User) -> None:
    page = context.new_page()
    sign_in(page)
    expect(page.get_by_role("heading", name="Running now")).to_be_visible()
    expect(page.locator("#home-workers")).to_contain_text("No worker answers")


def test_upload_is_watched_to_its_end(page: Page, tmp_path: Path, small_chunks: None) -> None:
    file = tmp_path / "results.jsonl"
    file.write_bytes(mixed_file())
    page.get_by_role("link", name="Upload a result file").first.click()
    page.wait_for_load_state()  # its script shows the name
    page.get_by_label("Result file").set_input_files(file)
    expect(page.locator("#upload-name")).to_contain_text("results.jsonl")
    page.get_by_label("Job id").fill("night-1")
    page.get_by_role("button", name="Upload and take in").click()

    page.wait_for_url("**/admin/batches/job/*/change/")
    live = page.locator("#job-live")
    expect(live.locator(".ns-head-end")).to_have_text("Running")
    expect(live.locator(".ns-term-read")).to_contain_text("0")
    page.locator("#chunks summary").click()
    run_all()
    # Nobody reloads: the page notices by itself.
    expect(live.locator(".ns-head-end")).to_have_text("Finished with dead letters")
    expect(live.locator(".ns-term-read")).to_contain_text("10")
    expect(live.locator(".ns-term-dead")).to_contain_text("4")
    expect(page.locator(".ns-holds")).to_contain_text("holds")
    assert page.locator("#chunks").get_attribute("open") is not None, "what was opened is kept open"
    assert page.locator("#job-live").get_attribute("hx-trigger") is None, "and asks no more"


def test_upload_twice_is_the_same_job(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_bytes(mixed_file())
    for _ in range(2):
        page.goto("/admin/batches/resultfile/upload/")
        page.get_by_label("Result file").set_input_files(file)
        page.get_by_role("button", name="Upload and take in").click()
        page.wait_for_url("**/admin/batches/job/*/change/")
    assert Job.objects.count() == ResultFile.objects.count() == 1


def test_upload_works_without_scripts(
    browser: Browser, live_server: LiveServer, operator: User, tmp_path: Path
) -> None:
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    sign_in(page)
    file = tmp_path / "results.jsonl"
    file.write_bytes(mixed_file())
    page.goto("/admin/batches/resultfile/upload/")
    page.get_by_label("Result file").set_input_files(file)
    page.get_by_role("button", name="Upload and take in").click()
    page.wait_for_url("**/admin/batches/job/*/change/")
    expect(page.get_by_role("heading", name="Balance")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Running now")).to_be_visible()
    plain.close()


def test_list_follows_what_runs(page: Page, settings: Settings) -> None:
    settings.CHUNK_BYTES = 20_000
    job = nights.running()
    page.goto("/admin/batches/job/")
    state = page.locator(f"#job-{job.pk}-state")
    expect(state).to_have_text("Running")
    expect(page.locator(f"#job-{job.pk}-progress")).to_contain_text("lines/s")
    run_all()
    expect(state).to_have_text("With letters")
    expect(page.locator(f"#job-{job.pk}-read")).to_have_text("800")
    page.locator(f"#job-{job.pk}-name a").click()
    expect(page.get_by_role("heading", name=job.job_id).last).to_be_visible()


def test_from_a_figure_to_the_line_itself(page: Page, tmp_path: Path) -> None:
    content = mixed_file()
    job = mixed_job()
    page.goto(address("job", job.pk))
    page.get_by_role("link", name="invalid_date").click()
    expect(page.locator("#result_list")).to_contain_text("2026-02-30")
    page.locator("#result_list a.ns-strong").first.click()
    expect(page.locator(".ns-offence mark")).to_have_text("date")
    expect(page.locator("pre.ns-code mark")).to_contain_text("2026-02-30")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the line").click()
    letter = DeadLetter.objects.get(code="invalid_date")
    assert Path(download.value.path()).read_bytes() == content.splitlines()[line_in_file(letter) - 1]


def test_confirmed_on_the_page_and_rejected_in_the_list(page: Page) -> None:
    mixed_job()
    first, second = Transaction.objects.order_by("-date", "id")[:2]
    page.goto(address("transaction", first.pk))
    expect(page.locator("pre.ns-code")).to_contain_text("recordId")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("1 transaction confirmed.")).to_be_visible()

    page.goto("/admin/batches/transaction/")
    page.locator(f"input.action-select[value='{second.pk}']").check()
    page.locator("select[name=action]").select_option("reject")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("1 transaction rejected.")).to_be_visible()
    assert {row.review for row in Transaction.objects.filter(pk__in=[first.pk, second.pk])} == {"confirmed", "rejected"}


@pytest.mark.parametrize("fault", ["photo.jpg", "empty.jsonl"])
def test_upload_says_what_is_wrong(context: BrowserContext, operator: User, tmp_path: Path, fault: str) -> None:
    page = context.new_page()
    sign_in(page)
    file = tmp_path / fault
    file.write_bytes(b"" if fault == "empty.jsonl" else b"x")
    page.goto("/admin/batches/resultfile/upload/")
    page.get_by_label("Result file").set_input_files(file)
    page.get_by_role("button", name="Upload and take in").click()
    said = "is empty (0 bytes)" if fault == "empty.jsonl" else "does not look like a result file"
    expect(page.locator("[data-error=file]")).to_contain_text(said)
    assert not ResultFile.objects.exists()
