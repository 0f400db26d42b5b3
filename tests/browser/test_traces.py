"""A trace is opened, folded, filtered and looked into; the pages of traces in light, dark and narrow."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring import telemetry
from monitoring.metrics.collect import collector
from monitoring.models import Span, Trace
from tests.browser.test_looks import SCREENS, opened
from tests.kept_traces import a_job_trace, a_line, a_moment, a_request, a_trace, step

SLOW_DOWN = "SlowDown: reduce your request rate"
TRACES, MAP = "/admin/monitoring/traces/", "/admin/monitoring/map/"


@pytest.fixture
def a_night(transactional_db: None) -> Trace:
    """The trace of a job with an upload, two workers whose clocks differ, statements, a failed call, and a redrive."""
    for number in range(12):
        a_request(a_moment(3 + number * 4), 0.05 + 0.04 * (number % 5))
        a_job_trace(chunks=3 + number % 3, statements=4, at=a_moment(5 + number * 4))
    trace = a_trace(
        step("POST /admin/batches/resultfile/upload/", 0, 0.42, [
            step("storage write", 0.05, 0.21, component="storage"),
            step("INSERT batches_resultfile", 0.28, 0.02, component="database"),
            step("send batches.work", 0.38, 0.01, [_chunk(number) for number in range(14)],
                 component="queue", kind="producer"),
        ], kind="server", component="web", instance="night/web/1"),
        step("task batches.move_images", 9.6, 1.1, [
            step("storage copy", 9.7 + number / 40, 0.02, component="storage") for number in range(40)
        ], kind="consumer", parent_id="f" * 16, instance="night/worker/2"),
        at=a_moment(2),
    )  # fmt: skip
    bad = Span.objects.get(trace_id=trace.trace_id, failed=True, component="storage")
    a_line(trace, "file_received", seconds=0.4, fields={"job": "job-7", "chunks": 14})
    a_line(
        trace, "storage_slow", seconds=3, level="WARNING", span_id=bad.span_id, fields={"key": "batch-output/job-7/a"}
    )
    a_line(trace, "chunk_released", seconds=3.2, level="ERROR", span_id=bad.span_id, fields={"error": "SlowDown"})
    a_trace(step("redrive", 0, 4, links=[{"trace_id": trace.trace_id, "span_id": bad.span_id}]), at=a_moment(1))
    _figures()
    return trace


def _chunk(number: int) -> dict[str, object]:
    begin = 0.6 + number * 0.6
    return step("task batches.work", begin - 0.2, 0.85, [
        step("parse", begin, 0.22),
        *(step("SELECT batches_chunk", begin + n / 50, 0.008, component="database") for n in range(9)),
        step("COPY batches_transaction", begin + 0.25, 0.3, component="database"),
        *([step("storage read", begin + 0.55, 0.1, component="storage", failed=True, message=SLOW_DOWN,
                attributes={"bytes": 65536, "key": "batch-output/job-7/a.jsonl"})] if number == 4 else []),
    ], kind="consumer", instance=f"night/worker/{number % 2}", failed=number == 4, message="SlowDown")  # fmt: skip


def _figures() -> None:
    collector.begin_anew()  # without what this process told of itself up to here
    for number in range(300):
        telemetry.measure("http.request", 0.02 + number / 2000, route="/admin/", method="GET", failed=number % 90 == 0)
        telemetry.measure("task.run", 0.3 + number / 900, task="batches.work", queue="celery", failed=number % 25 == 0)
        for component, share in (("web", 1), ("worker", 3), ("scheduler", 1)):
            telemetry.measure("database.statement", 0.002 * share + number / 90_000, component=component)
        telemetry.measure("storage.call", 0.02 + number / 5000, operation="read", component="worker")
        telemetry.measure("storage.call", 0.01, operation="write", component="web")
        telemetry.measure("queue.publish", 0.001, component="web", failed=number % 2 == 0 and number < 4)
    collector().flush()


def shot(page: Page, folder: Path | None, name: str) -> None:
    if folder:
        page.wait_for_timeout(200)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_a_trace_is_opened_folded_filtered_and_looked_into(
    page: Page, a_night: Trace, screenshots: Path | None
) -> None:
    page.goto(TRACES)
    page.get_by_label("Trace, job, image, transaction").fill(a_night.trace_id[:8])
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="POST /admin/batches/resultfile/upload/").click()
    rows = page.locator(".tr-row:visible")
    expect(page.get_by_text("13 × task batches.work")).to_be_visible()
    everything = rows.count()

    page.locator("summary.tr-row").first.click(position={"x": 5, "y": 10})
    expect(rows.filter(has_text="storage write")).to_have_count(0)
    assert rows.count() < everything
    page.locator("summary.tr-row").first.click(position={"x": 5, "y": 10})
    expect(rows).to_have_count(everything)

    page.get_by_role("link", name="13 × task batches.work").click()
    expect(page.locator(".tr-rows").get_by_role("link", name="task batches.work", exact=True)).to_have_count(14)
    assert rows.count() > everything

    page.locator("#errors").get_by_role("link", name="storage read").click()
    panel = page.locator("#span-panel")
    expect(panel).to_contain_text("SlowDown: reduce your request rate")
    expect(panel).to_contain_text("chunk_released")
    shot(page, screenshots, "trace")

    page.get_by_label("Name of a step").fill("copy")
    page.get_by_label("At least, ms").fill("100")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("14 steps like this")).to_be_visible()
    page.get_by_role("link", name="All steps").click()
    page.get_by_role("link", name="Compare with the usual").click()
    expect(page.get_by_text("No other trace of this name is kept")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_of_traces(page: Page, a_night: Trace, screen: str, screenshots: Path | None) -> None:
    page.emulate_media(color_scheme=SCREENS[screen]["scheme"])  # type: ignore[arg-type]
    page.set_viewport_size({"width": int(str(SCREENS[screen]["width"])), "height": 900})
    job = Trace.objects.filter(name="job").order_by("-seconds")[0]
    told = {
        "traces": TRACES,
        "trace": f"{TRACES}{a_night.trace_id}/",
        "trace-compare": f"{TRACES}{job.trace_id}/compare/",
        "service-map": MAP,
        "traces-none": f"{TRACES}?name=nothing",
    }
    for name, url in told.items():
        opened(page, url)
        if screenshots:
            shot(page, screenshots, name if screen == "light" else f"{name}-{screen}")


def test_an_edge_of_the_map_opens_the_traces_behind_it(page: Page, a_night: Trace) -> None:
    page.goto(MAP)
    page.get_by_role("link", name="Traces of Worker to Storage").click()
    expect(page.get_by_label("Component")).to_have_value("storage")
    expect(page.get_by_label("Asked by")).to_have_value("worker")
    expect(page.get_by_role("link", name="POST /admin/batches/resultfile/upload/")).to_be_visible()
    assert timezone.now() - a_night.started_at < timedelta(hours=1)
