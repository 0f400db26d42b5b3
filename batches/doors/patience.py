"""What is away: told when it begins and when it ends, not each time; waited for longer each time, in nobody's step."""

from __future__ import annotations

import logging
import random
import threading
import time

from monitoring import telemetry

FIRST_SECONDS, MOST_SECONDS = 0.5, 30.0
TOLD_EVERY = 600.0  # seconds


class Absence:
    """One for each thing that may be away, and each who looks for it."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._since: float | None = None
        self._told = 0.0

    def noted(self, why: str) -> None:
        """It is away: one line when that begins, and one every ten minutes."""
        now = time.monotonic()
        if self._since is None or now - self._told > TOLD_EVERY:
            self._since = self._since or now
            self._told = now
            telemetry.event(f"{self._what}_away", level=logging.WARNING, error=why, seconds=round(now - self._since, 1))

    def over(self) -> None:
        """It is back, or was never away."""
        if self._since is not None:
            telemetry.event(f"{self._what}_back", seconds=round(time.monotonic() - self._since, 1))
        self._since = None


class Patience:
    """Pauses between the tries to reach what is away: up to 30 s."""

    def __init__(self, what: str) -> None:
        self._absence = Absence(what)
        self._pause = FIRST_SECONDS

    def wait(self, stop: threading.Event, why: str) -> None:
        """Pause, or less when asked to stop."""
        self._absence.noted(why)
        stop.wait(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 - to be out of step, not secret
        self._pause = min(2 * self._pause, MOST_SECONDS)

    def over(self) -> None:
        self._absence.over()
        self._pause = FIRST_SECONDS
