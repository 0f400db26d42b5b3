"""A rule is enabled or disabled. Disabled, it keeps its history and where it stood, and nobody evaluates it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import F

from monitoring import audit
from monitoring.models import AlarmRule
from pages.reason import checked_reason

PERMISSION = "monitoring.change_alarmrule"


def switch(rule_id: int, enabled: bool, *, actor: User | AnonymousUser | None, reason: str) -> bool:
    """False where it was so already."""
    action = "enable" if enabled else "disable"
    user = audit.permit(actor, PERMISSION, action=action, subject="alarm rule", subject_id=rule_id, reason=reason)
    said = checked_reason(reason)
    with transaction.atomic():
        rules = AlarmRule.objects.filter(pk=rule_id, enabled=not enabled)
        switched = bool(rules.update(enabled=enabled, version=F("version") + 1))
        if switched:
            audit.record(user, action, "alarm rule", rule_id, reason=said)
    return switched
