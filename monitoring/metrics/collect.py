"""Figures of one process, collected in memory and written every few seconds by a thread of its own.

Telling a figure costs a dictionary's look-up, never waits for the database and never raises. With the database away
figures are kept, merged, up to MOST_KEYS of them; what has no room is counted as lost, and said once it is back.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Mapping

from django.conf import settings
from django.db import connection

from monitoring import telemetry
from monitoring.metrics import deltas
from monitoring.metrics.deltas import Key
from monitoring.metrics.summary import Summary

MOST_KEYS = 5_000


class Collector:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[Key, Summary] = {}
        self._lost = 0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._failing = False

    def add(self, metric: str, number: int, failed: int, labels: Mapping[str, str]) -> None:
        key = deltas.key(metric, labels)
        with self._lock:
            if summary := self._room_for(key):
                summary.count += number
                summary.errors += failed
        self._begin()

    def measure(self, metric: str, value: float, failed: bool, labels: Mapping[str, str]) -> None:
        key = deltas.key(metric, labels)
        with self._lock:
            if summary := self._room_for(key):
                summary.add_value(value, failed=failed)
        self._begin()

    def flush(self) -> None:
        """Write what was told. What could not be written is kept for the next time."""
        with self._lock:
            told, self._told = self._told, {}
        if not told:
            return
        try:
            deltas.add(told.items())
        except Exception as fault:
            self._take_back(told)
            if not self._failing:
                telemetry.event("metrics_not_stored", level=logging.WARNING, error=str(fault))
            self._failing = True
            connection.close()
        else:
            if self._failing:
                telemetry.event("metrics_stored_again", lost=self._lost)
            self._failing, self._lost = False, 0

    def stop(self) -> None:
        """Write the rest and end the thread: the process is about to end."""
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread and thread.is_alive():
            thread.join(timeout=5)

    def _room_for(self, key: Key) -> Summary | None:
        if (summary := self._told.get(key)) is None:
            if len(self._told) >= MOST_KEYS:
                self._lost += 1
                return None
            summary = self._told[key] = Summary()
        return summary

    def _take_back(self, told: dict[Key, Summary]) -> None:
        with self._lock:
            for key, summary in told.items():
                if kept := self._room_for(key):
                    kept.merge(summary)

    def _begin(self) -> None:
        if self._thread is None and settings.METRIC_FLUSH_SECONDS and not self._ended.is_set():
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(settings.METRIC_FLUSH_SECONDS):
            self.flush()
        self.flush()
        connection.close()


_collectors = [Collector()]


def collector() -> Collector:
    return _collectors[0]


def begin_anew() -> None:
    """In a forked child: its parent's thread is not there, and its parent's figures are its parent's to write."""
    _collectors[0] = Collector()


def _stop() -> None:
    collector().stop()


os.register_at_fork(after_in_child=begin_anew)
atexit.register(_stop)
