"""What a process tells of itself once a minute: its share of a processor, its memory.

Processes of one kind tell the same series. So a minute's sum is what they use together, its count how many they are,
its maximum the largest of them.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

import psutil

from monitoring import process, telemetry


class OwnProcess:
    """It begins with the first minute that it sees begin: a process and the one that replaced it never both tell."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._minute = _minute()
        self._before = self._used()

    def tell(self) -> None:
        """In a minute that it has not told anything in yet."""
        minute = _minute()
        if minute != self._minute:
            self._minute = minute
            with suppress(psutil.Error, OSError):  # the thread that asks has figures of others to write
                self._told()

    def _told(self) -> None:
        before, self._before = self._before, self._used()
        elapsed, used = (after - then for after, then in zip(self._before, before, strict=True))
        kind = str(process.component())
        telemetry.measure("process.cpu", 100.0 * used / max(elapsed, 0.001), process=kind)
        telemetry.measure("process.memory", self._process.memory_info().rss, process=kind)

    def _used(self) -> tuple[float, float]:
        """The time, and the time spent working, in seconds."""
        times = self._process.cpu_times()
        return time.monotonic(), times.user + times.system


_own: list[OwnProcess] = []
_telling = threading.Lock()


def tell_own_process() -> None:
    """By whichever thread comes by: once a minute for the process, as often as it is asked."""
    with _telling:
        if not _own:
            _own.append(OwnProcess())
        _own[0].tell()


def begin_anew() -> None:
    """In a forked child: it is another process, and its parent's lock may be held by nobody who is here."""
    global _telling  # noqa: PLW0603
    _telling = threading.Lock()
    _own.clear()


os.register_at_fork(after_in_child=begin_anew)


def _minute() -> int:
    return int(time.time() // 60)
