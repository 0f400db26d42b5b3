"""A rule is written, or written anew: never over what somebody else has changed since it was read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from monitoring import audit
from monitoring.alarms.check import checked
from monitoring.alarms.refused import Refused
from monitoring.models import AlarmRule
from pages.reason import checked_reason


def add_rule(rule: AlarmRule, *, actor: User | AnonymousUser | None, reason: str) -> AlarmRule:
    user = audit.permit(actor, "monitoring.add_alarmrule", action="add", subject="alarm rule", reason=reason)
    said = checked_reason(reason)
    checked(rule)
    with transaction.atomic():
        rule.save(force_insert=True)
        audit.record(user, "add", "alarm rule", rule.pk, reason=said)
    return rule


def change_rule(
    rule_id: int, seen: int, values: dict[str, Any], *, actor: User | AnonymousUser | None, reason: str
) -> None:
    """`seen`: the version that `values` were made from. The state stays; the next look judges by the new settings."""
    user = audit.permit(
        actor, "monitoring.change_alarmrule", action="change", subject="alarm rule", subject_id=rule_id, reason=reason
    )
    said = checked_reason(reason)
    checked(AlarmRule(**values))
    with transaction.atomic():
        if not AlarmRule.objects.filter(pk=rule_id, version=seen).update(**values, version=seen + 1):
            raise Refused("Somebody else has changed this rule meanwhile: look at it again, then change it.")
        audit.record(user, "change", "alarm rule", rule_id, reason=said)
