"""With these settings, when would it have been an alarm? The evaluator's own judgement of each minute of the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from monitoring.alarms.check import checked
from monitoring.alarms.judge import judge
from monitoring.alarms.points import Datapoint, history
from monitoring.alarms.words import State
from monitoring.models import AlarmRule

OVER = timedelta(hours=24)


class Time(NamedTuple):
    """An alarm that would have been; `end` None: it would still be on."""

    start: datetime
    end: datetime | None


class Preview(NamedTuple):
    """`state`: what it would be now. `looks`: how often it would have been evaluated, `without` with no data at all."""

    alarms: list[Time]
    state: State
    reason: str
    looks: int
    without: int
    hours: int


def preview(rule: AlarmRule, now: datetime, over: timedelta = OVER) -> Preview:
    """BadRule where it cannot be evaluated. Two queries; the rest is worked out here. Writes nothing."""
    checked(rule)
    state, reason, alarms, looks, without = State.INSUFFICIENT_DATA, "", [], 0, 0
    for minute, datapoints in history(rule, now - over, now):
        judged = judge(rule, datapoints, state)
        if judged.state == State.ALARM and state != State.ALARM:
            alarms.append(Time(minute, None))
        elif judged.state != State.ALARM and state == State.ALARM:
            alarms[-1] = Time(alarms[-1].start, minute)
        state, reason, looks = judged.state, judged.reason, looks + 1
        without += _nothing(datapoints)
    return Preview(alarms, state, reason, looks, without, round(over.total_seconds() / 3600))


def _nothing(datapoints: list[Datapoint]) -> bool:
    return all(point.value is None for point in datapoints)
