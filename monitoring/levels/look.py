"""Once a minute: every registered level is read, and what was read is stored as figures of that minute.

Run by a thread of the scheduler and never by a task: a task would wait in the queue whose depth it is to tell.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from monitoring import telemetry
from monitoring.absence import Absence
from monitoring.levels.claim_minute import claim_minute
from monitoring.levels.own_process import tell_own_process
from monitoring.metrics import deltas
from monitoring.metrics.summary import Summary
from monitoring.telemetry import Level, Sample

_absences: defaultdict[Level, Absence] = defaultdict(lambda: Absence("level"))


def look_at_levels(now: datetime | None = None) -> datetime | None:
    """The minute that was looked at; None if somebody had it before. Killed anywhere: one sample of it, or none."""
    tell_own_process()  # a scheduler has little else to tell, and may have nothing
    minute = claim_minute("levels", now)
    if minute is None:
        return None
    told: defaultdict[deltas.Key, Summary] = defaultdict(Summary)
    for level in telemetry.levels():
        for sample in _read(level):
            told[deltas.key(level.metric, sample.labels, minute)].add_value(sample.value)
    deltas.add(told.items())
    return minute


def _read(level: Level) -> list[Sample]:
    """All of them or, where it cannot be read, none: a level that nobody knows is missing, and not 0."""
    absence = _absences[level]
    try:
        samples = list(level.read())
    except Exception as fault:
        absence.noted(f"{level.metric}: {type(fault).__name__}: {fault}")
        return []
    absence.over()
    return samples
