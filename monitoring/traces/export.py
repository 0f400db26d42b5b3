"""Kept parts on their way into the database: a bounded queue and a thread of this process.

Handing a part over never waits and never raises. With the database away the oldest beyond MOST are dropped, counted
(`telemetry.lost`), and it is said once.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from monitoring import process, telemetry
from monitoring.components import Component
from monitoring.not_migrated import not_migrated
from monitoring.own_thread import OfProcess, OwnThread, Writer
from monitoring.traces.part import Part
from monitoring.traces.rows import Rows, rows_of
from monitoring.traces.store import store

MOST = 20_000  # spans and log lines
AT_ONCE = 2_000


class Exporter(Writer):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Part | Rows] = deque()
        self._size = 0
        self._lost = 0
        self._failing = False
        self.thread = OwnThread("spans", lambda: settings.TRACE_FLUSH_SECONDS, self._turn)

    def offer(self, part: Part) -> None:
        with self._lock:
            self._waiting.append(part)
            self._size += part.size
            self._make_room()
        self._send_on(part)
        self.thread.begin()

    def flush(self) -> None:
        """Store what waits. What cannot be stored now is kept for the next time."""
        from monitoring.traces.spans import unobserved

        with self.thread.busy, unobserved():
            while rows := self._take():
                if not self._stored(rows):
                    return
        self._tell_lost()

    def stop(self) -> None:
        """Store the rest and end the thread: the process is about to end."""
        super().stop()
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
        if not self._failing and not (self.thread.ended.is_set() and process.component() == Component.COMMAND):
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

    def _turn(self) -> bool:
        waits = bool(self._waiting or self._lost)
        if waits:
            self.flush()
        return waits


def _sender() -> Any:
    from monitoring.traces.otlp import Sender

    if os.getpid() not in _senders:
        _senders.clear()
        _senders[os.getpid()] = Sender(settings.OTLP_ENDPOINT)
    return _senders[os.getpid()]


# By the number of the process: a sender has a thread of its own, which is not there in a child.
_senders: dict[int, Any] = {}
exporter = OfProcess(Exporter)
