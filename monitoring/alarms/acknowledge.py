"""Somebody has seen to an alarm: said beside it until it ends, and not asked of anybody else."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from monitoring import audit
from monitoring.alarms.refused import Refused
from monitoring.alarms.words import State
from monitoring.models import Acknowledgement, AlarmState
from pages.reason import checked_reason

PERMISSION = "monitoring.acknowledge_alarm"
SUBJECT = "alarm rule"


def acknowledge(rule_id: int, *, actor: User | AnonymousUser | None, note: str) -> Acknowledgement:
    """Of the alarm that is on now: the next one is acknowledged anew. Refused where there is none, or somebody was
    first."""
    user = audit.permit(actor, PERMISSION, action="acknowledge", subject=SUBJECT, subject_id=rule_id, reason=note)
    said = checked_reason(note)
    with transaction.atomic():
        # The evaluator may end the alarm at this moment: under the row's lock it does so before or after.
        state = AlarmState.objects.select_for_update().filter(pk=rule_id).first()
        if state is None or state.state != State.ALARM or state.transition_id is None:
            raise Refused("The alarm is over: there is nothing to acknowledge.")
        told, new = Acknowledgement.objects.get_or_create(
            transition_id=state.transition_id, defaults={"by": user, "note": said}
        )
        if not new:
            raise Refused(f"{told.by} has acknowledged it already.")
        audit.record(user, "acknowledge", SUBJECT, rule_id, reason=said, transition=state.transition_id)
    return told
