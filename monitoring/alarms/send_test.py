"""A test notice: the way to the people, tried without an alarm. It changes no state."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from monitoring import audit
from monitoring.alarms.tell import tell_test
from monitoring.models import AlarmRule, Notice

PERMISSION = "monitoring.test_alarm"


def send_test(rule: AlarmRule, *, actor: User | AnonymousUser | None) -> Notice:
    user = audit.permit(actor, PERMISSION, action="test", subject="alarm rule", subject_id=rule.pk)
    with transaction.atomic():
        notice = tell_test(rule, user.get_username())
        audit.record(user, "test", "alarm rule", rule.pk, notice=notice.pk)
    return notice
