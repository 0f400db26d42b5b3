"""What is away: told when it begins and when it ends, not each time."""

from __future__ import annotations

import logging
import time

from monitoring import telemetry

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
