"""What is away is waited for longer each time, in nobody's step."""

from __future__ import annotations

import random
import threading

from monitoring.absence import Absence

FIRST_SECONDS, MOST_SECONDS = 0.5, 30.0


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
