"""A worker that is asked to stop tells its children at once: Celery waits for their tasks, but tells them nothing.

One byte of memory that is shared with children forked after this module was loaded. No lock, which a killed child
could hold for ever. A child that was spawned (macOS) does not see it and ends with its shift, seconds later.
"""

from __future__ import annotations

import mmap

_sign = mmap.mmap(-1, 1)


class AskedToStop(Exception):
    """The chunk is better handed back: it would take longer than a deploy waits."""

    expected = True  # no failure of the step it ends


def show() -> None:
    _sign[0] = 1


def shown() -> bool:
    return _sign[0] != 0


def heed() -> None:
    """AskedToStop when this process should end: for the pauses of long work."""
    if shown():
        raise AskedToStop("The worker was asked to stop.")
