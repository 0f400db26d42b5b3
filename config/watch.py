"""What must not depend on a queue: recovery and the canaries, run by the scheduler's and the workers' own processes.

A thread of beat looks every RECOVER_SECONDS, whatever the broker does; a worker looks once, when it starts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from monitoring import telemetry


def watch() -> None:
    """Look again and again, in a thread that ends with the process."""
    threading.Thread(target=_watch, name="watch", daemon=True).start()


def look() -> None:
    """Recover, and send the canaries that are due. Never raises: what goes wrong is logged, the next look is soon."""
    from batches.pipeline.recover import recover
    from monitoring.canary import send_due

    try:
        # The canaries last: with the broker away they wait for it.
        for step in (recover, send_due):
            _attempt(step)
    finally:
        # Of this thread; kept open it would go stale over a restart of the database.
        connection.close()


def _watch() -> None:
    pause = threading.Event()
    while True:
        look()
        pause.wait(settings.RECOVER_SECONDS)


def _attempt(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        telemetry.fault("watch_failed", step=step.__name__)
