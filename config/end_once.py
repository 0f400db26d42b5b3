"""A worker's child that is told to end is given the time to hand its work back.

Celery's cold shutdown sends SIGTERM twice, milliseconds apart: it cancels the tasks, then ends the pool. The first one
becomes SystemExit in the child, which hands its chunk back; billiard lets the second one kill it in the middle of that.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from batches.pipeline.undisturbed import put_off


def end_once(**_: Any) -> None:
    """Receiver of task_prerun: billiard sets its handler after all that a starting child is told."""
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler) or getattr(handler, "ends_once", False):
        return

    def ending(number: int, frame: FrameType | None) -> None:
        if put_off(lambda: ending(number, None)):
            return
        try:
            handler(number, frame)  # raises SystemExit, and gives the signal its default back: death
        finally:
            signal.signal(number, signal.SIG_IGN)

    vars(ending)["ends_once"] = True
    signal.signal(signal.SIGTERM, ending)
