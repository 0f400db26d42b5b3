"""Figures of one process, collected in memory and written every few seconds by a thread of its own.

Telling a figure costs a dictionary's look-up, never waits for the database and never raises. With the database away
figures are kept, merged, up to MOST_KEYS of them; what has no room, or what the database refuses, is counted, and told
as `telemetry.lost` once it can be.
"""

from __future__ import annotations

import logging
import math
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
from monitoring.own_thread import OfProcess, OwnThread, Writer

MOST_KEYS = 5_000

# Metric, minute since 1970, and the labels as they came: it is made for every figure, so nothing is sorted or parsed.
Told = tuple[str, int, deltas.Labels]


class Collector(Writer):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[Told, Summary] = {}
        self._lost = 0
        self._failing = False
        self.thread = OwnThread("metrics", lambda: settings.METRIC_FLUSH_SECONDS, self._turn)

    def add(self, metric: str, number: int, failed: int, labels: Mapping[str, str]) -> None:
        key = (metric, int(time.time() // 60), tuple(labels.items()))
        with self._lock:
            if (summary := self._told.get(key) or self._room_for(key)) is not None:
                summary.count += number
                summary.errors += failed
        self.thread.begin()

    def measure(self, metric: str, value: float, failed: bool, labels: Mapping[str, str]) -> None:
        if not math.isfinite(value):
            self._lose(1)
            return
        key = (metric, int(time.time() // 60), tuple(labels.items()))
        with self._lock:
            if (summary := self._told.get(key) or self._room_for(key)) is not None:
                summary.add_value(value, failed=failed)
        self.thread.begin()

    @property
    def failing(self) -> bool:
        """Whether the last figures could not be written."""
        return self._failing

    def flush(self) -> bool:
        """Write what was told; whether there was anything. What could not be written is kept for the next time."""
        with self.thread.busy:
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

    def _turn(self) -> bool:
        tell_own_process()
        return self.flush()

    def take_over(self, told: Iterable[tuple[deltas.Key, Summary]], why: str) -> None:
        """Figures that could not be written with what they count: written with those of this process, later."""
        self._put_back({(key.metric, int(key.minute.timestamp() // 60), key.labels): each for key, each in told}, why)
        self.thread.begin()

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


def _key(told: Told) -> deltas.Key:
    metric, minute, labels = told
    return deltas.key(metric, dict(labels), datetime.fromtimestamp(minute * 60, UTC))


collector = OfProcess(Collector)
