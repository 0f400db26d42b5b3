"""An incident, walked from the home page: what fails, in which job, why, and in which letter."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser import walk
from tests.builders import a_job, image, ingested, jsonl, line

JOB = "night-2026-11-20"


def test_from_the_failure_rate_to_the_group(page: Page, screenshots: Path | None) -> None:
    wrong = [line(image(at), date="20/11/2026") for at in range(12)]
    ingested(jsonl([*wrong, *(line(image(100 + at)) for at in range(30))]), job=a_job(JOB, intent_id="intent-1"))

    page.goto("/admin/?range=15m")
    for number, step in enumerate(walk.STEPS, start=1):
        step(page)
        if screenshots:
            page.screenshot(path=screenshots / f"walk-{number}-{step.__name__.rpartition('_')[2]}.png")
