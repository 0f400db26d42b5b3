"""The machine that the scheduler runs on: its disks."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings

from monitoring.telemetry import Sample

MINUTE = 60.0  # seconds


def disk_used() -> Iterator[Sample]:
    """In percent; of several disks the fullest."""
    folder = settings.STORAGES["default"].get("OPTIONS", {}).get("location")
    places = [place for place in (tempfile.gettempdir(), folder) if place and Path(place).exists()]
    yield Sample({}, max(psutil.disk_usage(str(place)).percent for place in places))


class DiskTraffic:
    """Bytes in a minute, by the kernel's counter: unknown at the first look, which has nothing to compare with."""

    def __init__(self, counter: str) -> None:
        self._counter = counter
        self._before: tuple[float, int] | None = None

    def read(self) -> Iterator[Sample]:
        counters = psutil.disk_io_counters()
        if counters is None:  # a container that may not see them
            return
        before, self._before = self._before, (time.monotonic(), int(getattr(counters, self._counter)))
        if before and (grown := self._before[1] - before[1]) >= 0:
            # Another scheduler may have had the minutes between: what they hold is an average one.
            yield Sample({}, grown * MINUTE / max(self._before[0] - before[0], 1.0))
