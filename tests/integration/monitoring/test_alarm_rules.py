"""A rule is written: checked in sentences, tried on the past, kept with a reason, never over somebody else's change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.alarms.points import settled
from monitoring.alarms.preview import preview
from monitoring.alarms.refused import Refused
from monitoring.alarms.save_rule import change_rule
from monitoring.models import AlarmRule, AlarmTransition, AuditEntry, Notice
from monitoring.pages.alarm_form import FIELDS
from tests.alarms import a_rule, evaluated
from tests.figures import MINUTE, a_minute, counted
from tests.integration.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
ADD = "/admin/monitoring/alarmrule/add/"
GOOD: dict[str, Any] = {
    "name": "Slow queue", "severity": "warning", "description": "", "metric": "queue.age", "labels": "queue=nightshelf",
    "statistic": "p95", "expression": "", "other_metric": "", "other_labels": "", "unit": "",
    "comparison": "GreaterThanThreshold", "threshold": "30", "period": "60", "datapoints_to_alarm": "3",
    "evaluation_periods": "5", "missing_data": "missing", "low_samples": "evaluate", "reason": "Customers waited.",
    "step": "save",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_shipped_rules() -> None:
    AlarmRule.objects.all().delete()


def test_rule_is_added_and_written_down(admin_client: Client, admin_user: User) -> None:
    response = admin_client.post(ADD, GOOD)

    rule = AlarmRule.objects.get()
    assert response.status_code == 302, text_of(response)
    assert (rule.labels, rule.statistic, rule.threshold, rule.version) == ({"queue": "nightshelf"}, "p95", 30, 1)
    entry = AuditEntry.objects.get(action="add")
    assert (entry.actor, entry.reason) == (admin_user, "Customers waited.")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("metric", "no.such", "There is no figure no.such"),
        ("labels", "queue", "Write labels as name=value"),
        ("labels", "route=/", "queue.age has no label route: it has queue, broker."),
        ("statistic", "median", "sum, average, minimum"),
        ("expression", "a **", "It cannot be read"),
        ("expression", "a / b", "The expression has series b in it"),
        ("evaluation_periods", "2", "3 of 2 cannot be"),
        ("evaluation_periods", "101", "alarm_rule_m_of_n"),
        ("threshold", "nan", "Enter a number"),
        ("reason", "", "Say why"),
        ("name", "", "This field is required"),
    ],
)
def test_refused_in_a_sentence(admin_client: Client, field: str, value: str, says: str) -> None:
    response = admin_client.post(ADD, {**GOOD, field: value})

    assert response.status_code == 422
    assert says in text_of(response)
    assert not AlarmRule.objects.exists()


def test_happenings_have_no_percentile(admin_client: Client) -> None:
    html = text_of(admin_client.post(ADD, {**GOOD, "metric": "batch.lines", "labels": ""}))
    assert "batch.lines is counted and has no values" in html


def test_change_counts_versions_and_never_overwrites(admin_client: Client, admin_user: User) -> None:
    rule = a_rule("Slow queue")
    address = reverse("admin:monitoring_alarmrule_edit", args=[rule.pk])
    assert admin_client.post(address, {**GOOD, "seen": 1, "threshold": "45"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.threshold, rule.version, rule.metric) == (45, 2, "queue.age")

    late = admin_client.post(address, {**GOOD, "seen": 1, "threshold": "1"})

    assert late.status_code == 422
    assert "Somebody else has changed this rule meanwhile" in text_of(late)
    rule.refresh_from_db()
    assert rule.threshold == 45
    with pytest.raises(Refused):
        change_rule(rule.pk, 1, {name: getattr(rule, name) for name in FIELDS}, actor=admin_user, reason="x")


def test_name_is_taken_once(admin_client: Client) -> None:
    a_rule("Slow queue")
    assert "already exists" in text_of(admin_client.post(ADD, GOOD))


def test_preview_says_when_it_would_have_alarmed_and_keeps_nothing(admin_client: Client) -> None:
    told = {
        **GOOD, "metric": "batch.lines", "labels": "", "statistic": "errors", "threshold": "10", "reason": "",
        "expression": "100 * errors(a) / count(a)", "datapoints_to_alarm": "2", "evaluation_periods": "2",
    }  # fmt: skip
    end = settled(timezone.now())
    for back, failed in ((600, 50), (599, 50), (598, 0), (597, 0), (60, 50), (59, 9), (30, 50), (29, 50), (28, 50)):
        counted("batch.lines", end - back * MINUTE, 100, failed, kind="receipts")

    html = text_of(admin_client.post(reverse("admin:monitoring_alarmrule_preview"), told))

    assert "Over the last 24 hours it would have alarmed 2 times." in html
    assert not AlarmRule.objects.exists()
    assert "alarmed 2 times" in text_of(admin_client.post(ADD, {**told, "step": "preview"}))
    assert not AlarmTransition.objects.exists()
    assert not Notice.objects.exists()


def test_preview_is_what_the_evaluator_does() -> None:
    """The same figures, minute by minute through the evaluator and at once through the preview."""
    rule = a_rule(period=300, datapoints_to_alarm=2, evaluation_periods=3)
    start = a_minute()
    for place in range(40):
        if place % 7:
            counted("batch.lines", start + place * MINUTE, 100, 30 if place % 20 > 11 else 1, kind="receipts")
    minutes = [start + place * MINUTE for place in range(1, 50)]

    for minute in minutes:
        evaluated(minute)
    tried = preview(rule, minutes[-1], over=timedelta(minutes=49))

    moved = AlarmTransition.objects.filter(rule=rule).order_by("number")
    begun = [row.at for row in moved if row.to_state == "ALARM"]
    assert [time.start for time in tried.alarms] == [at.replace(second=0) for at in begun]
    assert tried.state == moved.last().to_state  # type: ignore[union-attr]
    assert len(begun) >= 1


@pytest.mark.parametrize(
    "told",
    [
        {"datapoints_to_alarm": 3, "evaluation_periods": 2},
        {"datapoints_to_alarm": 0},
        {"period": 61},
        {"period": 86_400, "datapoints_to_alarm": 1, "evaluation_periods": 8},
        {"statistic": "p101"},
        {"comparison": "=="},
        {"missing_data": "guess"},
        {"severity": "loud"},
        {"metric": ""},
    ],
)
def test_database_keeps_rules_in_order(told: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        a_rule(**told)
