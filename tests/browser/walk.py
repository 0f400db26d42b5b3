"""The way from an alarm to a line of the log, one function a step: each begins where the one before ended.

Nothing but clicks, as an operator would; what is slowest is told by the rows that the pages are made of.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from monitoring.models import LogLine, Span

JOB, REASON, ALARM = "night-2026-11-20", "invalid_date", "Lines fail: more than 5 %"


def _home_says_it(page: Page) -> None:
    expect(page.locator(".ns-alarms-now").get_by_role("link", name=ALARM)).to_be_visible()
    expect(page.locator("#chart-failures canvas")).to_be_visible()
    step = page.locator("#chart-failures tbody a").first  # the same letters as the way over the rule, at once
    assert "/deadletter/?kind__exact=line&written=" in (step.get_attribute("href") or "")


def _its_rule(page: Page) -> None:
    page.get_by_role("link", name=ALARM).click()
    expect(page.get_by_text("2 of 2 datapoints were > 5 %").first).to_be_visible()


def _the_chart(page: Page) -> None:
    page.get_by_role("link", name="Look closer").click()
    expect(page.locator("#chart-metric canvas")).to_be_visible()


def _the_letters_of_its_newest_minute(page: Page) -> None:
    page.locator("#chart-metric tbody tr").first.get_by_role("link").click()
    expect(page.get_by_role("link", name=REASON).first).to_be_visible()


def _their_job(page: Page) -> None:
    page.locator("#result_list").get_by_role("link", name=JOB).first.click()
    expect(page.get_by_text("over 5 %")).to_be_visible()


def _the_problem_they_are(page: Page) -> None:
    """The job's commonest reason, a letter of it, and the group it belongs to."""
    page.get_by_role("link", name=REASON).first.click()
    page.locator("#result_list").get_by_role("link", name=REASON).first.click()
    page.locator("[aria-labelledby=place-title]").get_by_role("link", name=REASON).click()
    expect(page.get_by_role("heading", name="Newest letters")).to_be_visible()


def _one_letter(page: Page) -> None:
    page.locator(".ns-sample").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="The original line")).to_be_visible()
    expect(page.get_by_text("20/11/2026").first).to_be_visible()
    page.locator("[aria-labelledby=ids-title]").scroll_into_view_if_needed()


def _its_trace(page: Page) -> None:
    page.locator("[aria-labelledby=ids-title] div", has_text="Trace").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Waterfall")).to_be_visible()
    expect(page.locator("[aria-labelledby=leads-title]").get_by_role("link", name=JOB)).to_be_visible()


def _its_slowest_step(page: Page) -> None:
    """And what it wrote to the log: the chunk with the bad lines, unless the machine had something else to do."""
    slowest = Span.objects.filter(trace_id=page.url.rstrip("/").rpartition("/")[2]).latest("seconds")
    said = LogLine.objects.filter(span_id=slowest.span_id).values_list("event", flat=True)
    assert slowest.name in ("chunk", "receive")
    assert said
    page.locator(f"#s-{slowest.span_id} a").click()
    panel = page.locator("#span-panel")
    expect(panel.get_by_role("heading", name=slowest.name)).to_be_visible()
    for event in said:
        expect(panel).to_contain_text(event)


STEPS: dict[str, Callable[[Page], None]] = {
    "alarm": _home_says_it,
    "rule": _its_rule,
    "chart": _the_chart,
    "letters": _the_letters_of_its_newest_minute,
    "job": _their_job,
    "problem": _the_problem_they_are,
    "letter": _one_letter,
    "trace": _its_trace,
    "log": _its_slowest_step,
}
