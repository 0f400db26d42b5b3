"""Lines that a signal to end waits for: what took a lease also notes it, or there is nobody to give it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class _Signal:
    """Signals come to a process's main thread, and only its claims are held together: one state is enough."""

    waits: bool = False
    waiting: Callable[[], Any] | None = None


@contextmanager
def undisturbed() -> Iterator[None]:
    """A SIGTERM that comes meanwhile strikes when these lines are through. For a claim, not for work."""
    _Signal.waits = True
    try:
        yield
    finally:
        _Signal.waits = False
        came, _Signal.waiting = _Signal.waiting, None
        if came is not None:
            came()


def put_off(end: Callable[[], Any]) -> bool:
    """For a signal's handler: whether `end` has to wait; it is called then, by whoever it waits for."""
    if _Signal.waits:
        _Signal.waiting = end
    return _Signal.waits
