"""Figures of one process, collected in memory and written every few seconds by a thread of its own.

Telling a figure costs a dictionary's look-up, never waits for the database and never raises. With the database away
figures are kept, merged, up to MOST_KEYS of them; what has no room, or what the database refuses, is counted, and told
as `telemetry.lost` once it can be.
"""

from __future__ import annotations

import atexit
import logging
import math
import os
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, DataError, connection

from monitoring import telemetry
from monitoring.levels.own_process import tell_own_process
from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary
from monitoring.not_migrated import not_migrated

MOST_KEYS = 5_000
# How long a fork waits for the thread to be done with its writing, and the end of a process with the last figures.
FORK_SECONDS, END_SECONDS = 1, 5

# Metric, minute since 1970, and the labels as they came: it is made for every figure, so nothing is sorted or parsed.
Told = tuple[str, int, deltas.Labels]


class Collector:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[Told, Summary] = {}
        self._lost = 0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._failing = False
        self.writing = threading.Lock()

    def add(self, metric: str, number: int, failed: int, labels: Mapping[str, str]) -> None:
        key = (metric, int(time.time() // 60), tuple(labels.items()))
        with self._lock:
            if (summary := self._told.get(key) or self._room_for(key)) is not None:
                summary.count += number
                summary.errors += failed
        if self._thread is None:
            self._begin()

    def measure(self, metric: str, value: float, failed: bool, labels: Mapping[str, str]) -> None:
        if not math.isfinite(value):
            self._lose(1)
            return
        key = (metric, int(time.time() // 60), tuple(labels.items()))
        with self._lock:
            if (summary := self._told.get(key) or self._room_for(key)) is not None:
                summary.add_value(value, failed=failed)
        if self._thread is None:
            self._begin()

    @property
    def failing(self) -> bool:
        """Whether the last figures could not be written."""
        return self._failing

    def flush(self) -> bool:
        """Write what was told; whether there was anything. What could not be written is kept for the next time."""
        with self.writing:
            if not (told := self._taken()):
                return False
            try:
                deltas.add((_key(key), summary) for key, summary in told.items())
            except DataError:
                self._write_each(told)
            except Exception as fault:
                if not not_migrated(fault):
                    self._keep(told, fault)
            else:
                self._stored()
            return True

    def take_over(self, told: Iterable[tuple[deltas.Key, Summary]], why: str) -> None:
        """Figures that could not be written with what they count: written with those of this process, later."""
        self._put_back({(key.metric, int(key.minute.timestamp() // 60), key.labels): each for key, each in told}, why)
        if self._thread is None:
            self._begin()

    def stop(self) -> None:
        """Write the rest and end the thread: the process is about to end."""
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread and thread.is_alive():
            thread.join(timeout=END_SECONDS)

    def _room_for(self, key: Told, figures: int = 1) -> Summary | None:
        if len(self._told) >= MOST_KEYS:
            self._lost += figures
            return None
        return self._told.setdefault(key, Summary())

    def _taken(self) -> dict[Told, Summary]:
        with self._lock:
            told, self._told = self._told, {}
            lost, self._lost = self._lost, 0
        if lost:
            told["telemetry.lost", int(time.time() // 60), (("what", "figures"),)] = Summary(lost, errors=lost)
        return told

    def _write_each(self, told: dict[Told, Summary]) -> None:
        """One of them cannot be stored, ever: it is lost, and must not keep back the others."""
        for key, summary in told.items():
            try:
                deltas.add([(_key(key), summary)])
            except DataError as fault:
                telemetry.event("metric_refused", level=logging.ERROR, metric=key[0], error=str(fault))
                self._lose(summary.count)
            except Exception as fault:
                self._keep({key: summary}, fault)

    def _keep(self, told: dict[Told, Summary], fault: Exception) -> None:
        self._put_back(told, str(fault))
        # Broken, most likely. One that its caller has a transaction on is the caller's to give up.
        if not connection.in_atomic_block:
            with suppress(DatabaseError):
                connection.close()

    def _put_back(self, told: dict[Told, Summary], why: str) -> None:
        with self._lock:
            for key, summary in told.items():
                if (kept := self._told.get(key) or self._room_for(key, summary.count)) is not None:
                    kept.merge(summary)
        if not self._failing:
            telemetry.event("metrics_not_stored", level=logging.WARNING, error=why)
        self._failing = True

    def _stored(self) -> None:
        if self._failing:
            telemetry.event("metrics_stored_again")
        self._failing = False

    def _lose(self, number: int) -> None:
        with self._lock:
            self._lost += number

    def _begin(self) -> None:
        if settings.METRIC_FLUSH_SECONDS and not self._ended.is_set():
            with self._lock, suppress(RuntimeError):  # the interpreter is ending, and starts no more threads
                if self._thread is None:
                    thread = threading.Thread(target=self._run, name="metrics", daemon=True)
                    thread.start()
                    self._thread = thread

    def _run(self) -> None:
        while not self._ended.wait(settings.METRIC_FLUSH_SECONDS):
            tell_own_process()
            if not self.flush():
                connection.close()  # who has nothing to say takes nobody's place: every process has such a thread
        self.flush()
        connection.close()


def _key(told: Told) -> deltas.Key:
    metric, minute, labels = told
    return deltas.key(metric, dict(labels), datetime.fromtimestamp(minute * 60, UTC))


_collectors = [Collector()]


def collector() -> Collector:
    return _collectors[0]


def begin_anew() -> None:
    """In a forked child: its parent's thread is not there, and its parent's figures are its parent's to write."""
    _collectors[0] = Collector()


def stop() -> None:
    """Of a process that is about to end, however it is made to: what it has told is written."""
    collector().stop()


class _Fork(threading.local):
    """Of the thread that forks: what it holds meanwhile."""

    held: threading.Lock | None = None


_fork = _Fork()


def _hold() -> None:
    """A child gets a copy of every lock as it is. In the midst of a statement the thread holds some of libraries, which
    nobody in the child would ever open; so a fork waits for its end. Not for ever: the database may hang.
    """
    writing = collector().writing
    _fork.held = writing if writing.acquire(timeout=FORK_SECONDS) else None


def _let_go() -> None:
    held, _fork.held = _fork.held, None
    if held is not None:
        held.release()


os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=begin_anew)
atexit.register(stop)
