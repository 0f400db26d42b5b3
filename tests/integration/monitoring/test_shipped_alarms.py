"""Each rule that comes with Nightshelf fires at what it is there for, is told once, and returns to fine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from monitoring import telemetry
from monitoring.alarms.check import faults
from monitoring.alarms.shipped import RULES, make_shipped_rules
from monitoring.alarms.words import State
from monitoring.metrics.collect import collector
from monitoring.models import AlarmRule, Notice
from tests.alarms import a_rule, evaluated, state_of
from tests.figures import MINUTE, a_minute, counted, measured

pytestmark = pytest.mark.django_db
START = a_minute()
Tell = Callable[[datetime], None]

# What a minute looks like in which something is wrong, and one in which nothing is.
WRONG: Mapping[str, Tell] = {
    "lines-failing": lambda at: counted("batch.lines", at, 100, 6, kind="receipts"),
    "failure-rate": lambda at: counted("batch.lines", at, 100, 11, kind="receipts"),
    "processing-slow": lambda at: measured("batch.file", at, [1.0] * 10 + [90.0], kind="receipts"),
    "dead-letters": lambda at: measured("dlq.depth", at, [1]),
    "api-errors": lambda at: measured("http.request", at, [0.1] * 10, failed=1, route="/", method="GET"),
    "worker-errors": lambda at: measured("task.run", at, [0.1] * 10, failed=1, task="t", queue="q"),
    "database-connections": lambda at: measured("database.connections", at, [46]),
    "queue-stalled": lambda at: measured("queue.age", at, [601], queue="q", broker="redis"),
    "no-worker": lambda at: measured("workers.alive", at, [0]),
    "disk-full": lambda at: measured("disk.used", at, [91]),
    "telemetry-lost": lambda at: counted("telemetry.lost", at, 3, what="figures"),
}
FINE: Mapping[str, Tell] = {
    **WRONG,
    "lines-failing": lambda at: counted("batch.lines", at, 100, 5, kind="receipts"),
    "failure-rate": lambda at: counted("batch.lines", at, 100, 10, kind="receipts"),
    "processing-slow": lambda at: measured("batch.file", at, [1.0] * 11, kind="receipts"),
    "dead-letters": lambda at: measured("dlq.depth", at, [0]),
    "api-errors": lambda at: measured("http.request", at, [0.1] * 20, failed=1, route="/", method="GET"),
    "worker-errors": lambda at: measured("task.run", at, [0.1] * 20, failed=1, task="t", queue="q"),
    "database-connections": lambda at: measured("database.connections", at, [45]),
    "queue-stalled": lambda at: measured("queue.age", at, [600], queue="q", broker="redis"),
    "no-worker": lambda at: measured("workers.alive", at, [1]),
    "disk-full": lambda at: measured("disk.used", at, [90]),
    "telemetry-lost": lambda at: None,
}


def test_all_rules_can_be_evaluated_and_say_what_to_do() -> None:
    make_shipped_rules()
    assert set(AlarmRule.objects.exclude(shipped=None).values_list("shipped", flat=True)) == set(RULES) == set(WRONG)
    for rule in AlarmRule.objects.exclude(shipped=None):
        assert faults(rule) == {}
        assert rule.description


@pytest.mark.parametrize("shipped", RULES)
def test_fires_is_told_and_recovers(shipped: str) -> None:
    make_shipped_rules()
    AlarmRule.objects.exclude(shipped=shipped).delete()
    rule = AlarmRule.objects.get()
    lasts = rule.period // 60 * rule.evaluation_periods
    wrong = START + lasts * MINUTE
    fine = wrong + lasts * MINUTE
    for place in range(lasts):
        FINE[shipped](START + place * MINUTE)
        WRONG[shipped](wrong + place * MINUTE)
        # Where no news is good news, the alarm is over when its minutes are out of what is looked at.
        FINE[shipped](fine + place * MINUTE)

    evaluated(wrong)
    assert state_of(rule).state == State.OK, state_of(rule).reason
    evaluated(fine)
    assert state_of(rule).state == State.ALARM, state_of(rule).reason
    evaluated(fine + (lasts if shipped != "telemetry-lost" else 4 * lasts) * MINUTE)
    assert state_of(rule).state == State.OK, state_of(rule).reason
    subjects = list(Notice.objects.order_by("pk").values_list("subject", flat=True))
    assert [subject.partition(":")[0] for subject in subjects] == ["ALARM", "OK again"]


def test_what_is_told_through_the_door_is_what_is_judged() -> None:
    AlarmRule.objects.all().delete()
    rule = a_rule(datapoints_to_alarm=1, evaluation_periods=1)
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    telemetry.count("batch.lines", 100, failed=50, kind="receipts")
    collector().flush()

    # The minute may have changed meanwhile: the range that is looked at holds both.
    evaluated(before + 2 * MINUTE)

    assert (state_of(rule).state, state_of(rule).value) == (State.ALARM, 50)
