"""The evaluator is watched too: each minute it judges leaves a row, and a row that is missing is said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from monitoring.models import EvaluatorPass
from pages import figures

# It judges a minute some twenty seconds after its end (`periods.SETTLE`): two that were left out are one too many.
LATE = timedelta(minutes=3)
KEPT = timedelta(days=7)


class Heartbeat(NamedTuple):
    """The last minute that was judged, and why alarms cannot be trusted now ('' when they can)."""

    minute: datetime | None
    faults: int
    late: str


def last(now: datetime) -> Heartbeat:
    """One query, of the newest row."""
    beat = EvaluatorPass.objects.order_by("-minute").first()
    if beat is None:
        return Heartbeat(None, 0, "No alarm has been evaluated yet: is the scheduler (beat) running?")
    if now - beat.minute > LATE:
        ago = figures.about((now - beat.minute).total_seconds())
        return Heartbeat(
            beat.minute, beat.faults, f"No alarm has been evaluated for {ago}: is the scheduler (beat) running?"
        )
    return Heartbeat(beat.minute, beat.faults, "")


def beat(told: EvaluatorPass) -> bool:
    """False where another evaluator has judged this minute before us."""
    fields = {name: getattr(told, name) for name in ("at", "seconds", "rules", "transitions", "faults")}
    _, new = EvaluatorPass.objects.get_or_create(minute=told.minute, defaults=fields)
    EvaluatorPass.objects.filter(minute__lt=told.minute - KEPT).delete()
    return new


def judged(minute: datetime) -> bool:
    return EvaluatorPass.objects.filter(minute__gte=minute).exists()
