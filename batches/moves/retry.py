"""Three tries, and a pause behind each: 100, 200, 400 ms with jitter (Y9). Only where trying again can help."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from storage.port import StorageFault

PAUSES = (0.1, 0.2, 0.4)  # seconds
T = TypeVar("T")


def tried(step: Callable[[], T]) -> T:
    """The step's result, or the fault of its last try: a permanent one at once, a passing one after three tries.

    Behind the last try there is a pause as well: a request that was cut off may have been carried out all the same, so
    whoever calls this looks once more.
    """
    fault: StorageFault | None = None
    for pause in PAUSES:
        try:
            return step()
        except StorageFault as told:
            if not told.retryable:
                raise
            fault = told
        rest(pause)
    assert fault is not None  # noqa: S101 - there are tries
    raise fault


def rest(pause: float) -> None:
    """Half of it, and up to the whole: images that failed together do not come back together."""
    time.sleep(pause / 2 + random.uniform(0, pause / 2))  # noqa: S311 - no secret
