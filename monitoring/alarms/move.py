"""Where a rule stands is written, and when that is elsewhere: the transition, and the notice of it.

All in one transaction of the caller's. The state's row is claimed by its version and by the minute that was judged: of
two evaluators one writes, and the other, or one that slept meanwhile, comes second and changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from monitoring.alarms.judge import Judgement
from monitoring.alarms.silence import Silences
from monitoring.alarms.tell import tell_of
from monitoring.alarms.words import State
from monitoring.models import AlarmRule, AlarmState, AlarmTransition

QUIET = "Only alarms, and their ends, are told."


def stand(
    rule: AlarmRule, seen: AlarmState, judgement: Judgement, minute: datetime, now: datetime, silences: Silences
) -> AlarmTransition | None:
    """The transition, if this led to one and nobody else has written it."""
    if judgement.state != seen.state:
        return _move(rule, seen, judgement, minute, now, silences)
    kept = {"reason": judgement.reason, "value": judgement.value, "datapoints": judgement.datapoints, "fault": ""}
    _as_seen(seen, minute).update(**kept, evaluated_at=minute)
    return None


def fail(seen: AlarmState, sentence: str, minute: datetime) -> None:
    """It could not be evaluated: said on its page, and the state stays."""
    _as_seen(seen, minute).update(fault=sentence[:1000], evaluated_at=minute)


@transaction.atomic
def _move(
    rule: AlarmRule, seen: AlarmState, judgement: Judgement, minute: datetime, now: datetime, silences: Silences
) -> AlarmTransition | None:
    # Not by a join: Django would put all conditions into a subquery, which is not asked again after waiting for a lock.
    as_judged = Exists(AlarmRule.objects.filter(pk=OuterRef("pk"), enabled=True, version=rule.version))
    moved = _as_seen(seen, minute).filter(as_judged).update(
        state=judgement.state, since=now, version=F("version") + 1, reason=judgement.reason, value=judgement.value,
        datapoints=judgement.datapoints, fault="", evaluated_at=minute,
    )  # fmt: skip
    if not moved:
        return None
    transition = AlarmTransition.objects.create(
        rule=rule, number=seen.version + 1, from_state=seen.state, to_state=judgement.state, at=now,
        reason=judgement.reason, value=judgement.value, threshold=rule.threshold, datapoints=judgement.datapoints,
        silenced=_silenced(rule, seen, judgement.state, silences),
    )  # fmt: skip
    AlarmState.objects.filter(pk=rule.pk).update(transition=transition)
    if not transition.silenced:
        tell_of(rule, transition, since=seen.since)
    return transition


def _as_seen(seen: AlarmState, minute: datetime) -> QuerySet[AlarmState]:
    older = Q(evaluated_at=None) | Q(evaluated_at__lt=minute)
    return AlarmState.objects.filter(older, pk=seen.pk, version=seen.version)


def _silenced(rule: AlarmRule, seen: AlarmState, state: str, silences: Silences) -> str:
    """'' where people are to be told."""
    ended = seen.state == State.ALARM
    # An alarm whose data went away is over only when it is fine again.
    over_at_last = state == State.OK and seen.transition is not None and seen.transition.from_state == State.ALARM
    if not (state == State.ALARM or ended or over_at_last):
        return QUIET
    return silences.why(rule.pk)
