"""The way from an alarm to a line of the log, one function a step: each begins where the one before ended."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def from_home_to_the_failing_letters(page: Page) -> None:
    """The chart of failures, read as a table, opens the letters of its worst step."""
    chart = page.locator("#chart-failures")
    expect(chart.locator("canvas")).to_be_visible()
    chart.get_by_text("As a table").click()
    chart.locator("tbody tr", has_not_text="0 %").first.get_by_role("link").click()
    expect(page.get_by_role("link", name="invalid_date").first).to_be_visible()


def from_a_letter_to_its_job(page: Page) -> None:
    page.locator("#result_list").get_by_role("link", name="night-2026-11-20").first.click()
    expect(page.get_by_text("over 5 %")).to_be_visible()


def from_the_job_to_the_group(page: Page) -> None:
    """Its reasons, then a letter of the commonest, then the problem it belongs to."""
    page.get_by_role("link", name="invalid_date").first.click()
    page.locator("#result_list").get_by_role("link", name="invalid_date").first.click()
    page.locator('a[href*="/batches/lettergroup/"]').filter(visible=True).last.click()
    expect(page.get_by_role("heading", name="invalid_date").first).to_be_visible()


STEPS = (from_home_to_the_failing_letters, from_a_letter_to_its_job, from_the_job_to_the_group)
