"""Kept parts on their way into the database: a bounded queue and a thread of this process.

Handing a part over never waits and never raises. With the database away the oldest beyond MOST are dropped, counted
(`telemetry.lost`), and it is said once.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections import deque
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from monitoring import telemetry
from monitoring.levels.own_process import process_kind
from monitoring.not_migrated import not_migrated
from monitoring.traces.part import Part
from monitoring.traces.rows import Rows, rows_of
from monitoring.traces.store import store

MOST = 20_000  # spans and log lines
AT_ONCE = 2_000
# How long a fork waits for the thread to be done with its storing, and the end of a process with the last spans.
FORK_SECONDS, STOP_SECONDS = 1, 5


class Exporter:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.storing = threading.Lock()
        self._waiting: deque[Part | Rows] = deque()
        self._size = 0
        self._lost = 0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._failing = False

    def offer(self, part: Part) -> None:
        with self._lock:
            self._waiting.append(part)
            self._size += part.size
            self._make_room()
        self._send_on(part)
        self._begin()

    def flush(self) -> None:
        """Store what waits. What cannot be stored now is kept for the next time."""
        from monitoring.traces.spans import unobserved

        with self.storing, unobserved():
            while rows := self._take():
                if not self._stored(rows):
                    return
        self._tell_lost()

    def stop(self) -> None:
        """Store the rest and end the thread: the process is about to end."""
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread and thread.is_alive():
            thread.join(timeout=STOP_SECONDS)
        if sender := _senders.pop(os.getpid(), None):
            sender.shutdown()

    def _take(self) -> list[Rows]:
        taken: list[Part | Rows] = []
        size = 0
        with self._lock:
            while self._waiting and size < AT_ONCE:
                one = self._waiting.popleft()
                size += one.size
                self._size -= one.size
                taken.append(one)
        return [one if isinstance(one, Rows) else rows_of(one) for one in taken]

    def _stored(self, rows: list[Rows]) -> bool:
        try:
            store([span for one in rows for span in one.spans], [line for one in rows for line in one.lines])
        except (OperationalError, InterfaceError) as fault:
            self._put_back(rows)
            self._say_failing(fault)
            return False
        except Exception as fault:
            connection.close()
            if not not_migrated(fault):
                self._give_up(rows, fault)
            return True
        self._failing = False
        return True

    def _put_back(self, rows: list[Rows]) -> None:
        connection.close()
        with self._lock:
            self._waiting.extendleft(reversed(rows))
            self._size += sum(one.size for one in rows)
            self._make_room()

    def _give_up(self, rows: list[Rows], fault: Exception) -> None:
        """Something in it cannot be stored: not everything else with it."""
        if len(rows) > 1:
            for one in rows:
                self._stored([one])
            return
        with self._lock:
            self._lost += rows[0].size
        telemetry.event("spans_not_stored", level=logging.WARNING, error=type(fault).__name__)

    def _make_room(self) -> None:
        while self._size > MOST and self._waiting:
            oldest = self._waiting.popleft()
            self._size -= oldest.size
            self._lost += oldest.size

    def _say_failing(self, fault: Exception) -> None:
        # A command that ends because the database is away has said so itself, in one sentence.
        if not self._failing and not (self._ended.is_set() and process_kind(sys.argv) == "command"):
            telemetry.event("spans_not_stored", level=logging.WARNING, error=type(fault).__name__)
        self._failing = True

    def _tell_lost(self) -> None:
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            telemetry.count("telemetry.lost", lost, what="spans")
            telemetry.event("spans_lost", level=logging.WARNING, lost=lost)

    def _send_on(self, part: Part) -> None:
        if settings.OTLP_ENDPOINT:
            _sender().send(part)

    def _begin(self) -> None:
        if self._thread is None and settings.TRACE_FLUSH_SECONDS and not self._ended.is_set():
            with self._lock, suppress(RuntimeError):  # the interpreter is ending, and starts no more threads
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(settings.TRACE_FLUSH_SECONDS):
            if self._waiting or self._lost:
                self.flush()
            else:
                connection.close()  # an idle process holds none for this
        self.flush()
        connection.close()


def _sender() -> Any:
    from monitoring.traces.otlp import Sender

    if os.getpid() not in _senders:
        _senders.clear()
        _senders[os.getpid()] = Sender(settings.OTLP_ENDPOINT)
    return _senders[os.getpid()]


_senders: dict[int, Any] = {}
_exporters = [Exporter()]


def exporter() -> Exporter:
    return _exporters[0]


def begin_anew() -> None:
    """In a forked child: its parent's thread is not there, and its parent's spans are its parent's to store."""
    _exporters[0] = Exporter()
    _senders.clear()


def _stop() -> None:
    exporter().stop()


class _Fork(threading.local):
    """Of the thread that forks: what it holds meanwhile."""

    held: threading.Lock | None = None


_fork = _Fork()


def _hold() -> None:
    """A child gets a copy of every lock as it is, and in the midst of a statement the thread holds some of libraries:
    a fork waits for it to be done, though never for long.
    """
    storing = exporter().storing
    _fork.held = storing if storing.acquire(timeout=FORK_SECONDS) else None


def _let_go() -> None:
    if _fork.held is not None:
        _fork.held.release()
        _fork.held = None


def _in_child() -> None:
    _fork.held = None
    begin_anew()


os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_in_child)
atexit.register(_stop)
