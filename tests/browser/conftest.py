"""A real Chromium on a live server, fed by the real pipeline in this process.

NIGHTSHELF_SCREENSHOTS=docs/images writes the pictures that the documents show.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox: the tests run as root in containers. The rest keeps Chromium from talking to anybody but us.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAME, PASSWORD = "operator", "night-shelf-42"
PATIENCE = 90_000  # milliseconds; `expect` has a limit of its own, five seconds, which a context's does not change


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            # Whitenoise warns when `collectstatic` has not been run; its finders serve the tests.
            item.add_marker(pytest.mark.filterwarnings("ignore:No directory at"))


@pytest.fixture(scope="session", autouse=True)
def _sync_django_beside_playwright() -> Iterator[None]:
    """Playwright's sync API keeps an event loop in this thread, and Django refuses to query beside one.

    The tests never query from inside that loop, so the refusal protects from nothing here.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        reason = f"no browser: none of {', '.join(PROGRAMS)} is on the PATH"
        if os.environ.get("NIGHTSHELF_TEST_REQUIRE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A fresh profile. Whatever a page complains of in its console fails the test: errors, refused styles, scripts."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Asia/Tokyo"
    )
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("console", lambda message: _hear(complaints, message))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("response", lambda response: _look_at(complaints, response))

    context.on("page", listen)
    yield context
    for page in context.pages:
        page.goto("about:blank")  # no page asks the server any more while the database is being emptied
    context.close()
    assert not complaints, "\n".join(complaints)


def _hear(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        complaints.append(f"{message.location.get('url')}: {message.text}")


def _look_at(complaints: list[str], response: Response) -> None:
    if response.status >= 400:
        complaints.append(f"{response.url}: {response.status}")


@pytest.fixture
def operator(transactional_db: None) -> User:
    return User.objects.create_superuser(NAME, password=PASSWORD)


@pytest.fixture
def page(context: BrowserContext, operator: User) -> Page:
    """A tab of somebody who has signed in."""
    page = context.new_page()
    sign_in(page)
    return page


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")


@pytest.fixture
def screenshots() -> Path | None:
    folder = os.environ.get("NIGHTSHELF_SCREENSHOTS")
    if not folder:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path
