"""What the home page says of alarms: which are on, what is silenced, and whether the evaluator itself is well."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from monitoring.alarms import heartbeat, silence
from monitoring.alarms.heartbeat import Heartbeat
from monitoring.alarms.words import State
from monitoring.models import AlarmState


class Summary(NamedTuple):
    """`alarms`: rules in ALARM, the longest first, with `.rule`, `.transition`, `.acknowledgement` at hand.

    `counts`: how many enabled rules are in each state. `late`: why the evaluator cannot be trusted now, '' if it can.
    `faults`: how many rules could not be evaluated. `as_of`: the last minute that was judged.
    """

    alarms: list[AlarmState]
    counts: dict[str, int]
    faults: int
    muted: int
    maintenance: list[str]
    heartbeat: Heartbeat

    @property
    def late(self) -> str:
        return self.heartbeat.late

    @property
    def as_of(self) -> datetime | None:
        return self.heartbeat.minute

    @property
    def red(self) -> int:
        return self.counts.get(State.ALARM, 0)


def summary(now: datetime | None = None) -> Summary:
    """Four queries, however many rules there are. Context `alarms` of `nightshelf/alarms/now.html`."""
    moment = now or timezone.now()
    states = list(
        AlarmState.objects.filter(rule__enabled=True)
        .select_related("rule", "transition__acknowledgement__by")
        .order_by("since", "rule__name")
    )
    silences = silence.active(moment)
    alarms = [state for state in states if state.state == State.ALARM]
    for state in alarms:
        state.acknowledgement = getattr(state.transition, "acknowledgement", None)  # type: ignore[attr-defined]
        state.silenced = silences.why(state.rule_id)  # type: ignore[attr-defined]
    return Summary(
        alarms=alarms,
        counts=Counter(state.state for state in states),
        faults=sum(bool(state.fault) for state in states),
        muted=len(silences.mutes),
        maintenance=[window.name for window in silences.windows],
        heartbeat=heartbeat.last(moment),
    )
