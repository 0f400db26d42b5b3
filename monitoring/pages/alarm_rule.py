"""One rule: where it stands, the figures that say so, what came of it, and what can be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from monitoring.alarms import acknowledge, heartbeat, mute, send_test, silence, switch
from monitoring.alarms.check import faults, unit_of
from monitoring.alarms.judge import condition, written
from monitoring.alarms.tell import watched
from monitoring.alarms.words import State
from monitoring.models import AlarmRule, AlarmState, AlarmTransition, Mute, Notice
from monitoring.pages.alarm_chart import RANGES, USUAL, drawing
from monitoring.pages.page import FIGURES

MOST_TRANSITIONS = 20
# As the pages of metrics call what a rule looks at; a rule about failures is about their share.
STATISTICS = {"minimum": "least", "maximum": "most", "errors": "failure_rate"}
NEVER = "It has not been evaluated yet."


def rule_page(request: HttpRequest, rule: AlarmRule) -> dict[str, Any]:
    """A dozen queries, however long its history is."""
    now = timezone.now()
    state = current(rule)
    wanted = request.GET.get("range", "")
    chosen = wanted if wanted in RANGES else USUAL
    broken = "" if (first := next(iter(faults(rule).values()), None)) is None else first
    unit = unit_of(rule)
    return {
        "opts": None, "title": rule.name, "rule": rule, "state": state, "watched": watched(rule),
        "condition": condition(rule), "value": written(state.value, unit), "unit": unit,
        "fault": broken or state.fault, "silenced": silence.active(now).why(rule.pk),
        "heartbeat": heartbeat.last(now),
        "acknowledgement": acknowledged(state),
        "mutes": Mute.objects.filter(rule=rule, ended_at=None, until__gt=now).select_related("by"),
        "drawing": None if broken else drawing(rule, RANGES[chosen], now),
        "ranges": [(name, range.label, name == chosen) for name, range in RANGES.items()],
        "closer": "" if broken else closer(request, rule),
        "datapoints": [_shown(point, unit) for point in reversed(state.datapoints)],
        "transitions": _transitions(rule, unit),
        "may": {
            "change": request.user.has_perm(switch.PERMISSION), "mute": request.user.has_perm(mute.PERMISSION),
            "acknowledge": request.user.has_perm(acknowledge.PERMISSION) and state.state == State.ALARM,
            "test": request.user.has_perm(send_test.PERMISSION),
            "see_notices": request.user.has_perm("monitoring.view_notice"),
        },
    }  # fmt: skip


def current(rule: AlarmRule) -> AlarmState:
    """A rule that nobody has evaluated yet has none: shown as what it will begin with."""
    found = AlarmState.objects.filter(pk=rule.pk).select_related("transition__acknowledgement__by").first()
    return found or AlarmState(rule=rule, since=rule.created_at, reason=NEVER)


def acknowledged(state: AlarmState) -> Any:
    on = state.state == State.ALARM and state.transition is not None
    return getattr(state.transition, "acknowledgement", None) if on else None


def closer(request: HttpRequest, rule: AlarmRule) -> str:
    """The page of the rule's figure, where each step opens what is behind it; '' for whoever may not see figures."""
    if not request.user.has_perm(FIGURES):
        return ""
    asked = {
        **rule.labels, "range": "1h" if rule.period < 3600 else "7d",
        "stat": STATISTICS.get(rule.statistic, rule.statistic),
    }  # fmt: skip
    return f"{reverse('monitoring:metric', args=[rule.metric])}?{urlencode(asked)}"


def _transitions(rule: AlarmRule, unit: str) -> list[dict[str, Any]]:
    rows = list(AlarmTransition.objects.filter(rule=rule).select_related("acknowledgement__by")[:MOST_TRANSITIONS])
    keys = {f"alarm:{row.pk}": row.pk for row in rows}
    notices = {keys[notice.key]: notice for notice in Notice.objects.filter(key__in=keys)}
    return [
        {
            "row": row, "to": State(row.to_state).label, "from": State(row.from_state).label,
            "notice": notices.get(row.pk), "acknowledgement": getattr(row, "acknowledgement", None),
            "threshold": written(row.threshold, unit),
        }
        for row in rows
    ]  # fmt: skip


def _shown(point: dict[str, Any], unit: str) -> dict[str, Any]:
    return {**point, "at": datetime.fromisoformat(point["at"]), "told": written(point["value"], unit)}
