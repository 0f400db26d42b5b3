"""Ask a check, and wait no longer than the page may take.

Each check runs in a thread of its own, one at a time and at most once a second: what hangs, hangs once however often
the page is asked for, and nobody can wear out the database by asking for its health.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from typing import NamedTuple

from django.db import connections

from monitoring import telemetry
from monitoring.health.checks import CHECKS, Known

LIMIT_SECONDS = 3.0
FRESH_SECONDS = 1.0


class Outcome(NamedTuple):
    """`why` is '' when all is well; `seconds` is how long the check took, or has been taking."""

    why: str
    seconds: float


class Look:
    """A check that is under way, or has just ended."""

    def __init__(self, name: str, known: Known) -> None:
        self.name, self.known = name, known
        self.began = time.monotonic()
        self.outcome: Future[Outcome] = Future()
        threading.Thread(target=self._run, name=f"health {name}", daemon=True).start()

    @property
    def fresh(self) -> bool:
        return not self.outcome.done() or time.monotonic() - self.began < FRESH_SECONDS

    def answer(self, until: float) -> Outcome:
        try:
            return self.outcome.result(max(0.0, until - time.monotonic()))
        except NoAnswer:
            return Outcome(self.known.why, time.monotonic() - self.began)

    def _run(self) -> None:
        why = ""
        try:
            self.known.check.run()
        except Exception as fault:
            why = self.known.why
            telemetry.event("health_check_failed", level=logging.WARNING, check=self.name, error=str(fault))
        finally:
            connections.close_all()  # of this thread
            self.outcome.set_result(Outcome(why, time.monotonic() - self.began))


_looks: dict[str, Look] = {}
_lock = threading.Lock()


def ask(names: list[str]) -> dict[str, Outcome]:
    """All of them at once; together they take LIMIT_SECONDS at most."""
    until = time.monotonic() + LIMIT_SECONDS
    looks = {name: _look(name) for name in names}
    return {name: look.answer(until) for name, look in looks.items()}


def _look(name: str) -> Look:
    with _lock:
        if name not in _looks or not _looks[name].fresh:
            _looks[name] = Look(name, CHECKS[name])
        return _looks[name]
