"""An alarm's notice, for people who read it on a phone at night: what, since when, by how much, and what to do."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.alarms.expression import BadExpression
from monitoring.alarms.judge import condition
from monitoring.alarms.points import expression_of
from monitoring.alarms.words import PERIODS, Severity, State
from monitoring.models import AlarmRule, AlarmTransition, Notice
from pages import figures

TOPIC = "alarm"
HEADINGS = {State.ALARM: "ALARM", State.OK: "OK again", State.INSUFFICIENT_DATA: "No data any more"}


def tell_of(rule: AlarmRule, transition: AlarmTransition, *, since: datetime) -> Notice:
    """Written in the transition's transaction, under its number: told once, however often anybody looks."""
    heading = HEADINGS[State(transition.to_state)]
    lasted = f"It had been {State(transition.from_state).label} for {figures.duration(transition.at - since)}."
    return Notice.objects.create(
        key=f"alarm:{transition.pk}",
        topic=TOPIC,
        subject=f"{heading}: {rule.name} ({_severity(rule)})"[:200],
        body=_body(rule, transition.reason, f"Since {_moment(transition.at)}. {lasted}"),
        link=page(rule.pk),
        trace_id=transition.trace_id,
    )


def tell_test(rule: AlarmRule, by: str) -> Notice:
    """What an alarm of this rule would look like, marked as a test. It changes no state."""
    said = f"This is a test, asked for by {by}: nothing is wrong. An alarm of this rule would be told like this."
    return Notice.objects.create(
        key=f"alarm-test:{uuid.uuid4().hex}",
        topic=TOPIC,
        subject=f"TEST: {rule.name} ({_severity(rule)})"[:200],
        body=_body(rule, said, f"Sent {_moment(timezone.now())}."),
        link=page(rule.pk),
    )


def page(rule_id: int) -> str:
    return reverse("admin:monitoring_alarmrule_change", args=[rule_id])


def watched(rule: AlarmRule) -> str:
    """`p99 of batch.file > 60 s, in 2 of 2 periods of 5 minutes`."""
    figure = _named(rule) if rule.expression else f"{rule.statistic} of {rule.metric}"
    return (
        f"{figure} {condition(rule)}, in {rule.datapoints_to_alarm} of {rule.evaluation_periods}"
        f" period{'' if rule.evaluation_periods == 1 else 's'} of {PERIODS.get(rule.period, f'{rule.period} s')}"
    )


def _body(rule: AlarmRule, said: str, when: str) -> str:
    lines = [said, when, f"Rule: {watched(rule)}."]
    if rule.description:
        lines += ["", "What to do:", rule.description]
    return "\n".join(lines)


def _named(rule: AlarmRule) -> str:
    """The expression with the figures' names in it."""
    names = {"a": rule.metric, "b": rule.other_metric}
    try:
        return expression_of(rule).told(lambda term: f"{term.statistic}({names[term.series]})")
    except BadExpression:
        return rule.expression


def _severity(rule: AlarmRule) -> str:
    return str(Severity(rule.severity).label).partition(":")[0].lower()


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")
