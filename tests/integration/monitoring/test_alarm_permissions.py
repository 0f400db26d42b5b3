"""Each verb asks for its permission on the server, and a refusal is written down; the page offers what one may."""

from __future__ import annotations

import pytest
from django.urls import reverse

from monitoring.models import AlarmRule, AlarmState, AuditEntry, Mute, Notice
from tests.alarms import a_rule, evaluated
from tests.figures import MINUTE, a_minute, counted
from tests.integration.pages import signed_in, text_of

# A refusal is written by a connection of its own, which sees nothing of a transaction around the test.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]
VERBS = {
    "acknowledge": "acknowledge_alarm", "mute": "mute_alarm", "unmute": "mute_alarm", "test": "test_alarm",
    "switch": "change_alarmrule", "edit": "change_alarmrule",
}  # fmt: skip
LIST = "/admin/monitoring/alarmrule/"


@pytest.fixture
def red() -> AlarmRule:
    AlarmRule.objects.all().delete()
    rule = a_rule()
    for place in range(2):
        counted("batch.lines", a_minute() + place * MINUTE, 100, 50, kind="receipts")
    evaluated(a_minute() + 2 * MINUTE)
    return rule


def page(rule: AlarmRule, verb: str = "change") -> str:
    return reverse(f"admin:monitoring_alarmrule_{verb}", args=[rule.pk])


def test_each_verb_asks_for_its_own_permission(red: AlarmRule) -> None:
    before = (list(AlarmRule.objects.values()), list(AlarmState.objects.values()), Notice.objects.count())
    for place, (verb, permission) in enumerate(VERBS.items()):
        others = sorted({"view_alarmrule", *VERBS.values()} - {permission})
        client = signed_in(*others, name=f"person-{place}")

        assert client.post(page(red, verb), {"reason": "x", "hours": "1"}).status_code == 403, verb

        entry = AuditEntry.objects.get(allowed=False, actor__username=f"person-{place}")
        assert entry.details["missing"] == f"monitoring.{permission}"
        assert f"/{verb}/" not in text_of(client.get(page(red)))
    assert before == (list(AlarmRule.objects.values()), list(AlarmState.objects.values()), Notice.objects.count())
    assert not Mute.objects.exists()


def test_rules_are_for_those_who_may_see_them(red: AlarmRule) -> None:
    client = signed_in("acknowledge_alarm", "view_notice")

    assert client.get(LIST).status_code == 403
    assert client.get(page(red)).status_code == 403
    assert client.post(page(red, "acknowledge"), {"reason": "x"}).status_code == 403
    assert client.post(f"{LIST}add/", {}).status_code == 403
    assert client.post(f"{LIST}preview/", {}).status_code == 403
    assert client.post(f"{LIST}mute/", {"hours": "1", "reason": "x"}).status_code == 403
