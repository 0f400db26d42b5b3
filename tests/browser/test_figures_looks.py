"""Home and the pages of figures: charts drawn, light, dark and narrow; the range, the switch, and no scripts at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from inventory.models import LowStock
from tests.browser import nights
from tests.browser.conftest import sign_in
from tests.browser.test_looks import SCREENS, opened
from tests.stock import stocked

PAGES = {
    "home": "/admin/",
    "monitoring": "/admin/monitoring/",
    "component": "/admin/monitoring/components/web/",
    "pipeline": "/admin/monitoring/components/pipeline/?range=24h",
    "metric": "/admin/monitoring/metrics/batch.chunk/?by=kind",
}
# Every chart has been painted: it is not like an empty one of its size.
PAINTED = """[...document.querySelectorAll('canvas[data-chart]')].map(drawn =>
    drawn.toDataURL() !== Object.assign(document.createElement('canvas'),
        { width: drawn.width, height: drawn.height }).toDataURL())"""


@pytest.fixture
def at_work(settings: Settings) -> None:
    settings.CHUNK_BYTES = 20_000
    nights.finished()
    nights.failing()
    nights.running()
    LowStock.objects.create(level=stocked(4), available=4, reorder_point=10)
    nights.figures()


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_of_figures(page: Page, at_work: None, screen: str, screenshots: Path | None) -> None:
    chosen = SCREENS[screen]
    page.emulate_media(color_scheme=chosen["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(chosen["width"])), "height": 900})
    for name, address in PAGES.items():
        opened(page, address)
        painted = page.evaluate(PAINTED)
        assert painted == [True] * len(painted), name
        assert bool(painted) == (name != "monitoring")
        if screenshots and (screen == "light" or name == "home"):
            page.wait_for_timeout(1200)  # the workers' answer
            suffix = "" if screen == "light" else f"-{screen}"
            page.screenshot(path=screenshots / f"{name}{suffix}.png", full_page=True)


def test_range_and_switch(page: Page) -> None:
    nights.figures()
    page.goto("/admin/")
    page.get_by_role("link", name="6 h", exact=True).click()
    page.wait_for_url("**/admin/?range=6h")
    expect(page.locator("#home-live")).to_have_attribute("hx-get", "/admin/batches/job/figures/?range=6h")

    live = page.get_by_role("button", name="Live")
    expect(live).to_have_attribute("aria-pressed", "true")
    live.click()
    assert page.evaluate("window.nightshelf.live()") is False
    page.reload()
    with page.expect_response("**/figures/?range=6h") as answer:  # going on looks at once
        page.get_by_role("button", name="Paused").click()
    assert answer.value.ok
    expect(page.get_by_role("button", name="Live")).to_be_visible()
    page.wait_for_function(f"{PAINTED}.every(Boolean)")

    page.evaluate("document.documentElement.classList.add('dark')")
    page.wait_for_function(f"{PAINTED}.every(Boolean)")


def test_without_scripts(browser: Browser, live_server: LiveServer, operator: User) -> None:
    nights.figures()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    expect(page.locator("dt", has_text="Failure rate")).to_be_visible()
    chart = page.locator("#chart-failures")
    expect(chart.locator("canvas")).to_be_hidden()
    chart.get_by_text("As a table").click()
    assert chart.locator("tbody tr").count() > 30
    expect(page.get_by_role("button", name="Live")).to_be_hidden()
    page.goto("/admin/monitoring/components/web/")
    page.get_by_role("link", name="p99").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("p99 ↓")
    context.close()
