"""Failing lines, an alarm, a notice, and fine again: from figures to the outbox, with the clock moved by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from monitoring.alarms import silence
from monitoring.alarms.words import LowSamples, MissingData, State
from monitoring.models import AlarmTransition, EvaluatorPass, MaintenanceWindow, Mute, Notice
from monitoring.models.silence import Repeats
from tests.alarms import a_level, a_rule, evaluated, state_of
from tests.figures import MINUTE, a_minute, counted, measured

pytestmark = pytest.mark.django_db
START = a_minute()


@pytest.fixture(autouse=True)
def _no_shipped_rules() -> None:
    from monitoring.models import AlarmRule

    AlarmRule.objects.all().delete()


def a_night(*failed_percent: float | None) -> None:
    """A minute each of 1,000 lines; None: none was read."""
    for place, failed in enumerate(failed_percent):
        if failed is not None:
            counted("batch.lines", START + place * MINUTE, 1000, round(10 * failed), kind="receipts")


def states(rule: object, minutes: int) -> list[str]:
    found = []
    for place in range(1, minutes + 1):
        evaluated(START + place * MINUTE)
        found.append(state_of(rule).state)  # type: ignore[arg-type]
    return found


def test_failing_lines_fire_and_recover_and_each_is_told_once() -> None:
    rule = a_rule()
    a_night(0, 6, 8, 9, 1, 0)

    assert states(rule, 6) == ["OK", "OK", "ALARM", "ALARM", "OK", "OK"]

    moved = list(AlarmTransition.objects.order_by("number").values_list("number", "from_state", "to_state"))
    assert moved == [(1, "INSUFFICIENT_DATA", "OK"), (2, "OK", "ALARM"), (3, "ALARM", "OK")]
    fired, over = Notice.objects.order_by("pk")
    into = AlarmTransition.objects.get(number=2)
    assert (fired.key, fired.topic) == (f"alarm:{into.pk}", "alarm")
    assert fired.subject == "ALARM: Lines fail (critical)"
    assert over.subject == "OK again: Lines fail (critical)"
    local = timezone.localtime(START)
    said = f"2 of 2 datapoints were > 5 %: 6 % at {local + MINUTE:%H:%M}, 8 % at {local + 2 * MINUTE:%H:%M}."
    assert fired.body.splitlines()[0] == into.reason == said
    assert "What to do:\nOpen Problems." in fired.body
    assert "in 2 of 2 periods of 1 minute" in fired.body
    assert fired.link == f"/admin/monitoring/alarmrule/{rule.pk}/change/"
    assert into.threshold == 5
    assert into.value == pytest.approx(8)
    assert [point["value"] for point in into.datapoints if point["used"]] == [6, 8]
    assert "It had been Alarm for" in over.body


def test_m_of_n_fires_through_a_good_minute_and_stays_through_missing_ones() -> None:
    rule = a_rule(datapoints_to_alarm=2, evaluation_periods=3, missing_data=MissingData.IGNORE)
    a_night(0, 0, 9, 1, 9, None, None, None, None)

    # Five minutes are looked at: with the second bad one out of them, what is left is a good and a bad one.
    assert states(rule, 9) == ["OK", "OK", "OK", "OK", "ALARM", "ALARM", "ALARM", "OK", "OK"]


def test_without_data_it_says_so_and_an_alarm_is_over_only_when_it_is_fine() -> None:
    rule = a_level()
    measured("dlq.depth", START, [3])
    for place in range(4, 6):
        measured("dlq.depth", START + place * MINUTE, [0])

    # Three minutes are looked at: the last datapoint counts until it is out of them.
    assert states(rule, 6) == ["ALARM", "ALARM", "ALARM", "INSUFFICIENT_DATA", "OK", "OK"]
    assert list(Notice.objects.order_by("pk").values_list("subject", flat=True)) == [
        "ALARM: Dead letters wait (critical)",
        "No data any more: Dead letters wait (critical)",
        "OK again: Dead letters wait (critical)",
    ]


def test_figures_that_come_late_are_looked_at_again() -> None:
    rule = a_rule()
    a_night(0, 9)
    states(rule, 3)
    assert state_of(rule).state == State.OK
    counted("batch.lines", START + 2 * MINUTE, 100, 90, kind="receipts")

    evaluated(START + 4 * MINUTE)

    assert state_of(rule).state == State.ALARM


def test_a_minute_is_evaluated_once_and_only_when_it_has_settled() -> None:
    a_rule()
    done = evaluated(START)
    assert done is not None
    assert (done.minute, done.rules, done.faults) == (START, 1, 0)
    assert evaluated(START) is None
    assert evaluated(START + MINUTE - timedelta(seconds=1)) is None
    assert evaluated(START + MINUTE) is not None
    assert EvaluatorPass.objects.count() == 2


def test_percentile_of_few_samples_is_evaluated_or_ignored_as_the_rule_says() -> None:
    told = {"metric": "http.request", "expression": "", "statistic": "p90", "threshold": 2, "unit": "",
            "datapoints_to_alarm": 1, "evaluation_periods": 1}  # fmt: skip
    careful = a_rule("careful", low_samples=LowSamples.IGNORE, **told)
    hasty = a_rule("hasty", **told)
    measured("http.request", START, [9.0] * 99, route="/", method="GET")
    evaluated(START + MINUTE)
    assert (state_of(careful).state, state_of(hasty).state) == ("INSUFFICIENT_DATA", "ALARM")
    assert "Too few samples for p90" in state_of(careful).reason

    measured("http.request", START + MINUTE, [9.0] * 100, route="/", method="GET")
    evaluated(START + 2 * MINUTE)

    assert state_of(careful).state == State.ALARM


def test_labels_choose_the_series_and_two_figures_make_a_ratio() -> None:
    rule = a_rule(metric="queue.depth", labels={"queue": "slow"}, other_metric="workers.alive",
                  expression="maximum(a) / maximum(b)", threshold=10, unit="", evaluation_periods=1,
                  datapoints_to_alarm=1)  # fmt: skip
    measured("queue.depth", START, [900], queue="other", broker="redis")
    measured("queue.depth", START, [30], queue="slow", broker="redis")
    measured("workers.alive", START, [2])

    evaluated(START + MINUTE)

    assert (state_of(rule).state, state_of(rule).value) == ("ALARM", 15)


def test_hours_end_with_full_hours() -> None:
    rule = a_rule(period=3600, datapoints_to_alarm=1, evaluation_periods=1)
    counted("batch.lines", START, 100, 50, kind="receipts")

    evaluated(START + 30 * MINUTE)
    assert state_of(rule).state == State.INSUFFICIENT_DATA
    evaluated(START + 60 * MINUTE)
    assert state_of(rule).state == State.ALARM


def test_a_rule_that_cannot_be_evaluated_is_said_and_stops_no_other() -> None:
    gone = a_rule("gone", metric="batch.nothing")
    bad = a_rule("bad", expression="errors(a) **")
    good = a_rule("good")
    a_night(9, 9)

    done = evaluated(START + 2 * MINUTE)

    assert done is not None
    assert (done.rules, done.faults, done.transitions) == (3, 2, 1)
    assert "There is no figure batch.nothing" in state_of(gone).fault
    assert "cannot be read" in state_of(bad).fault
    assert state_of(good).state == State.ALARM
    assert Notice.objects.count() == 1

    type(gone).objects.filter(pk=gone.pk).update(metric="batch.lines", version=2)
    evaluated(START + 3 * MINUTE)
    assert state_of(gone).fault == ""


def test_muted_it_is_evaluated_and_shown_but_not_told(admin_user: User) -> None:
    rule, other = a_rule(), a_rule("Others")
    until = START + 3 * MINUTE + timedelta(hours=1)
    Mute.objects.create(rule=rule, begins_at=START, until=until, reason="Known.", by=admin_user)
    a_night(9, 9)

    evaluated(START + 2 * MINUTE)

    assert state_of(rule).state == state_of(other).state == State.ALARM
    assert Notice.objects.get().subject == "ALARM: Others (critical)"
    assert state_of(rule).transition.silenced.endswith(": Known.")  # type: ignore[union-attr]


def test_in_a_window_that_repeats_nobody_is_told(admin_user: User) -> None:
    rule = a_rule()
    begin = START - timedelta(days=6, minutes=10)
    window = MaintenanceWindow.objects.create(
        name="Nightly backup", begins_at=begin, ends_at=begin + timedelta(hours=1), repeats=Repeats.DAILY,
        reason="Backup.", by=admin_user,
    )  # fmt: skip
    a_night(9, 9)

    evaluated(START + 2 * MINUTE)

    assert state_of(rule).transition.silenced == "Maintenance: Nightly backup"  # type: ignore[union-attr]
    assert not Notice.objects.exists()

    other = a_rule("Another")
    window.rules.add(other)
    active = silence.active(START + 2 * MINUTE)
    assert (active.why(rule.pk), active.why(other.pk)) == ("", "Maintenance: Nightly backup")


def test_disabled_rules_are_left_alone() -> None:
    rule = a_rule(enabled=False)
    a_night(9, 9)

    done = evaluated(START + 2 * MINUTE)

    assert done is not None
    assert done.rules == 0
    assert not AlarmTransition.objects.filter(rule=rule).exists()
