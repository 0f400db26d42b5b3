"""One look at all rules, once each minute has settled: in the scheduler's own threads, never by the queue they watch.

A rule that cannot be evaluated is said so, and stops no other. With the database away the whole look is given up and
made again a few seconds later; the minutes it missed are not made up for, as CloudWatch does not either.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.db import Error, transaction
from django.utils import timezone

from monitoring import telemetry
from monitoring.alarms import deadman, heartbeat, silence
from monitoring.alarms.check import BadRule, checked
from monitoring.alarms.judge import judge
from monitoring.alarms.move import fail, stand
from monitoring.alarms.points import datapoints, settled
from monitoring.alarms.silence import Silences
from monitoring.alarms.words import State
from monitoring.models import AlarmRule, AlarmState, AlarmTransition, EvaluatorPass


def evaluate_due(now: datetime | None = None) -> EvaluatorPass | None:
    """None when the minute has been evaluated, by us or by another one."""
    moment = now or timezone.now()
    minute = settled(moment)
    if heartbeat.judged(minute):
        return None
    done = evaluate_all(minute, moment)
    if heartbeat.beat(done):
        deadman.ping(done)
        return done
    return None


def evaluate_all(minute: datetime, now: datetime) -> EvaluatorPass:
    """Each rule in a transaction of its own: what is done stays done, wherever this is killed."""
    began = time.perf_counter()
    silences, rules = silence.active(now), _rules()
    transitions, faulty = 0, 0
    for rule in rules:
        try:
            transitions += _evaluate(rule, minute, now, silences) is not None
        except BadRule as fault:
            faulty += 1
            fail(rule.current, str(fault), minute)
        except Error:
            raise  # of the database: no rule can be told from another now
        except Exception as fault:
            faulty += 1
            _say(rule, fault)
            fail(rule.current, f"{type(fault).__name__}: {fault}", minute)
    seconds = time.perf_counter() - began
    return EvaluatorPass(
        minute=minute, at=now, seconds=seconds, rules=len(rules), transitions=transitions, faults=faulty
    )


@transaction.atomic
def _evaluate(rule: AlarmRule, minute: datetime, now: datetime, silences: Silences) -> AlarmTransition | None:
    judgement = judge(rule, datapoints(checked(rule), minute), State(rule.current.state))
    transition = stand(rule, rule.current, judgement, minute, now, silences)
    if transition:
        telemetry.event(
            "alarm_moved", rule=rule.name, state=transition.to_state, before=transition.from_state,
            transition=transition.pk,
        )  # fmt: skip
    return transition


def _rules() -> list[AlarmRule]:
    """Enabled ones with their state, which a new rule gets here."""
    enabled = AlarmRule.objects.filter(enabled=True)
    new = enabled.filter(current=None).values_list("pk", flat=True)
    AlarmState.objects.bulk_create([AlarmState(rule_id=pk) for pk in new], ignore_conflicts=True)
    return list(enabled.select_related("current__transition").order_by("pk"))


def _say(rule: AlarmRule, fault: Exception) -> None:
    """Once, when it begins: a rule that stays broken does not fill the log."""
    if not rule.current.fault:
        telemetry.fault("alarm_not_evaluated", rule=rule.name, error=str(fault))
