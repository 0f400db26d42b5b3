"""The rules' list, a rule's page, and what can be done there: who may, what is asked, what is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.alarms.now import summary
from monitoring.alarms.shipped import make_shipped_rules
from monitoring.models import Acknowledgement, AlarmRule, AlarmState, AuditEntry, Change, Mute, Notice
from tests.alarms import a_level, a_rule, evaluated, state_of
from tests.figures import MINUTE, a_minute, counted, measured
from tests.integration.pages import BUDGET, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
LIST = "/admin/monitoring/alarmrule/"
START = a_minute()


@pytest.fixture(autouse=True)
def _no_shipped_rules() -> None:
    AlarmRule.objects.all().delete()


@pytest.fixture
def red() -> AlarmRule:
    rule = a_rule()
    for place in range(2):
        counted("batch.lines", START + place * MINUTE, 100, 50, kind="receipts")
    evaluated(START + 2 * MINUTE)
    return rule


def page(rule: AlarmRule, verb: str = "change") -> str:
    return reverse(f"admin:monitoring_alarmrule_{verb}", args=[rule.pk])


def test_list_shows_red_first_with_value_limit_and_faults(admin_client: Client, red: AlarmRule) -> None:
    a_level("Quiet")
    a_rule("Gone", metric="batch.nothing")
    a_rule("Off", enabled=False)
    evaluated(START + 3 * MINUTE)

    html = text_of(admin_client.get(LIST))

    names = ("Lines fail", "Gone", "Quiet", "Off")
    shown = sorted(names, key=lambda name: html.index(f">{name}</a>"))
    assert (shown[0], shown[-1]) == ("Lines fail", "Off")
    assert "50 %" in html
    assert "limit &gt; 5 %" in html
    assert "There is no figure batch.nothing" in html
    assert "The evaluator is late." in html
    assert "Alarm: critical" in html


@pytest.mark.parametrize(
    ("state", "names"),
    [("ALARM", {"Lines fail"}), ("INSUFFICIENT_DATA", {"Quiet", "Gone"}), ("fault", {"Gone"}), ("disabled", {"Off"})],
)
def test_list_by_state(admin_client: Client, red: AlarmRule, state: str, names: set[str]) -> None:
    a_level("Quiet")
    a_rule("Gone", metric="batch.nothing")
    a_rule("Off", enabled=False)
    evaluated(START + 3 * MINUTE)

    response = admin_client.get(LIST, {"state": state})

    assert {rule.name for rule in response.context["cl"].result_list} == names


def test_pages_stay_within_their_budget(
    admin_client: Client, red: AlarmRule, django_assert_max_num_queries: object
) -> None:
    for place in range(30):
        a_level(f"Level {place}")
    evaluated(START + 3 * MINUTE)
    for url in (LIST, page(red), page(red, "edit"), "/admin/monitoring/maintenancewindow/"):
        with django_assert_max_num_queries(BUDGET + 2 if "edit" in url else BUDGET):  # type: ignore[operator]
            assert admin_client.get(url).status_code == 200
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert len(summary().alarms) == 1


@pytest.mark.parametrize(
    ("shipped", "statistic"),
    [("lines-failing", "failure_rate"), ("processing-slow", "p99"), ("dead-letters", "most"), ("no-worker", "most"),
     ("telemetry-lost", "count")],
)  # fmt: skip
def test_page_leads_to_the_page_of_its_figure(admin_client: Client, shipped: str, statistic: str) -> None:
    """Where each step opens what is behind it; in the statistic that the rule is about, as far as there is one."""
    make_shipped_rules()
    rule = AlarmRule.objects.get(shipped=shipped)

    asked = admin_client.get(admin_client.get(page(rule)).context["closer"]).context

    assert (asked["metric"].name, asked["kept"]["stat"]) == (rule.metric, statistic)
    assert signed_in("view_alarmrule").get(page(rule)).context["closer"] == ""


def test_page_shows_the_very_values_and_what_came_of_them(admin_client: Client, red: AlarmRule) -> None:
    html = text_of(admin_client.get(page(red), {"range": "7d"}))

    assert "2 of 2 datapoints were &gt; 5 %: 50 % at" in html
    assert "Not enough data → Alarm" in html
    assert "notice waits in the outbox" in html
    assert "errors(batch.lines)" in html
    assert html.count(">over</span>") == 2
    assert html.count(">missing</span>") == 2
    assert 'class="ns-chart-limit"' in html


def test_page_of_a_rule_that_was_never_evaluated_and_of_one_that_cannot_be(admin_client: Client) -> None:
    assert "It has not been evaluated yet." in text_of(admin_client.get(page(a_rule("New"))))
    html = text_of(admin_client.get(page(a_rule("Gone", metric="batch.nothing"))))
    assert "This rule cannot be evaluated." in html


def test_acknowledged_until_it_ends(admin_client: Client, admin_user: User, red: AlarmRule) -> None:
    assert admin_client.post(page(red, "acknowledge"), {"reason": ""}).status_code == 422
    assert admin_client.post(page(red, "acknowledge"), {"reason": "I redrive them."}).status_code == 302

    told = Acknowledgement.objects.get()
    assert (told.by, told.note) == (admin_user, "I redrive them.")
    assert "I redrive them." in text_of(admin_client.get(page(red)))
    assert summary().alarms[0].acknowledgement == told  # type: ignore[attr-defined]
    entry = AuditEntry.objects.get(action="acknowledge", allowed=True)
    assert (entry.subject_id, entry.reason) == (str(red.pk), "I redrive them.")

    for place in range(2, 4):
        counted("batch.lines", START + place * MINUTE, 100, 0, kind="receipts")
    evaluated(START + 4 * MINUTE)
    for place in range(4, 6):
        counted("batch.lines", START + place * MINUTE, 100, 50, kind="receipts")
    evaluated(START + 6 * MINUTE)
    assert state_of(red).state == "ALARM"
    assert summary().alarms[0].acknowledgement is None  # type: ignore[attr-defined]
    assert Notice.objects.count() == 3


def test_what_is_fine_cannot_be_acknowledged(admin_client: Client) -> None:
    rule = a_level()
    measured("dlq.depth", START, [0])
    evaluated(START + MINUTE)

    said = admin_client.post(page(rule, "acknowledge"), {"reason": "?"}, follow=True)

    assert "The alarm is over" in text_of(said)
    assert not Acknowledgement.objects.exists()


def test_muted_for_an_hour_or_until_and_told_again(admin_client: Client, red: AlarmRule) -> None:
    assert admin_client.post(page(red, "mute"), {"hours": "4", "reason": "Known."}).status_code == 302
    assert timedelta(hours=3) < Mute.objects.get().until - timezone.now() <= timedelta(hours=4)
    assert "Nobody is told." in text_of(admin_client.get(page(red)))
    assert admin_client.post(page(red, "unmute")).status_code == 302
    assert "Nobody is told." not in text_of(admin_client.get(page(red)))

    html = text_of(admin_client.post(page(red, "mute"), {"hours": "", "until": "", "reason": "x"}))
    assert "Say until when." in html
    html = text_of(admin_client.post(page(red, "mute"), {"hours": "", "until": "2020-01-01T10:00", "reason": "x"}))
    assert "Choose a moment to come" in html


def test_all_are_muted_and_the_list_says_so(admin_client: Client, red: AlarmRule) -> None:
    address = reverse("admin:monitoring_alarmrule_mute_all")
    admin_client.post(address, {"hours": "1", "reason": "Moving house."})

    assert "All alarms are muted until" in text_of(admin_client.get(LIST))
    assert summary().alarms[0].silenced.endswith(": Moving house.")  # type: ignore[attr-defined]
    admin_client.post(reverse("admin:monitoring_alarmrule_unmute_all"))
    assert "All alarms are muted" not in text_of(admin_client.get(LIST))


def test_test_notice_is_marked_and_changes_no_state(admin_client: Client, red: AlarmRule) -> None:
    before = AlarmState.objects.values().get()
    assert admin_client.get(page(red, "test")).status_code == 405
    assert admin_client.post(page(red, "test")).status_code == 302

    notice = Notice.objects.get(key__startswith="alarm-test:")
    assert (notice.subject, notice.topic) == ("TEST: Lines fail (critical)", "alarm")
    assert "nothing is wrong" in notice.body
    assert AlarmState.objects.values().get() == before


def test_disabled_and_enabled_with_a_reason_and_a_history(admin_client: Client, red: AlarmRule) -> None:
    assert admin_client.post(page(red, "switch"), {"reason": "Too loud."}).status_code == 302
    red.refresh_from_db()
    assert not red.enabled
    change = Change.objects.filter(pgh_obj_model="monitoring.alarmrule").first()
    assert change is not None
    assert (change.fields, change.after) == (["enabled"], {"enabled": False})
    admin_client.post(page(red, "switch"), {"reason": "Again."})
    assert AlarmRule.objects.filter(pk=red.pk, enabled=True).exists()
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"disable", "enable"}


def test_window_is_planned_by_who_may_mute_and_checked(admin_user: User) -> None:
    address = reverse("admin:monitoring_maintenancewindow_add")
    told = {"name": "Backup", "reason": "Nightly.", "begins_at_0": "2026-03-01", "begins_at_1": "02:00",
            "ends_at_0": "2026-03-01", "ends_at_1": "01:00", "repeats": "daily", "enabled": "on"}  # fmt: skip
    assert signed_in("view_maintenancewindow", name="viewer").get(address).status_code == 403
    client = signed_in("view_maintenancewindow", "mute_alarm", "view_alarmrule", name="planner")

    assert "It has to end after it begins." in text_of(client.post(address, told))
    assert "would not be over" in text_of(client.post(address, {**told, "ends_at_0": "2026-03-03"}))
    assert client.post(address, {**told, "ends_at_1": "03:00"}).status_code == 302
    assert AuditEntry.objects.get(subject="maintenance window").reason == "Nightly."
