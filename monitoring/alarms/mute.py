"""Nobody is told of a rule, or of any, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.utils import timezone

from monitoring import audit
from monitoring.alarms.refused import Refused
from monitoring.models import Mute
from pages.reason import checked_reason

PERMISSION = "monitoring.mute_alarm"
SUBJECT = "alarm rule"
LONGEST = timedelta(days=30)


def mute(rule_id: int | None, *, actor: User | AnonymousUser | None, until: datetime, reason: str) -> Mute:
    """`rule_id` None: all rules. It ends in 30 days at the latest: a rule that is not wanted any more is disabled."""
    subject_id = "all" if rule_id is None else rule_id
    user = audit.permit(actor, PERMISSION, action="mute", subject=SUBJECT, subject_id=subject_id, reason=reason)
    said, now = checked_reason(reason), timezone.now()
    if not now < until <= now + LONGEST:
        raise Refused("Choose a moment to come, within 30 days. To hear of a rule no more, disable it.")
    with transaction.atomic():
        row = Mute.objects.create(rule_id=rule_id, begins_at=now, until=until, reason=said, by=user)
        audit.record(user, "mute", SUBJECT, subject_id, reason=said, until=until.isoformat())
    return row


def unmute(rule_id: int | None, *, actor: User | AnonymousUser | None) -> int:
    """End the mutes of this rule (None: those of all rules) that are on, and return how many there were."""
    subject_id = "all" if rule_id is None else rule_id
    user = audit.permit(actor, PERMISSION, action="unmute", subject=SUBJECT, subject_id=subject_id)
    now = timezone.now()
    with transaction.atomic():
        ended = Mute.objects.filter(rule_id=rule_id, ended_at=None, until__gt=now).update(ended_at=now)
        if ended:
            audit.record(user, "unmute", SUBJECT, subject_id)
    return ended
