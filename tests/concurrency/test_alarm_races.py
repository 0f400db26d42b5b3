"""Two evaluators, one transition and one notice; and one that dies between the two leaves neither."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from monitoring.alarms.acknowledge import acknowledge
from monitoring.alarms.evaluator import evaluate_all
from monitoring.alarms.judge import judge
from monitoring.alarms.refused import Refused
from monitoring.alarms.shipped import make_shipped_rules
from monitoring.alarms.words import State
from monitoring.models import Acknowledgement, AlarmRule, AlarmTransition, EvaluatorPass, Notice
from tests.alarms import a_rule, evaluated, state_of
from tests.concurrency.racing import race
from tests.figures import MINUTE, a_minute, counted, just_after
from tests.integration.processes import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)
START = a_minute()
DIE = """
import os, signal, sys, django
from datetime import datetime
django.setup()
from monitoring.alarms import move
from monitoring.alarms.evaluator import evaluate_due
def die(*args, **more):
    os.kill(os.getpid(), signal.SIGKILL)
move.tell_of = die
evaluate_due(datetime.fromisoformat(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def _no_shipped_rules() -> None:
    AlarmRule.objects.all().delete()


def failing(minutes: int = 2) -> None:
    for place in range(minutes):
        counted("batch.lines", START + place * MINUTE, 100, 50, kind="receipts")


def test_evaluators_at_once_tell_each_alarm_once() -> None:
    rules = [a_rule(f"Rule {place}") for place in range(6)]
    failing()

    passes = race([partial(evaluated, START + 2 * MINUTE)] * 4)

    assert sum(done is not None for done in passes) == 1
    assert EvaluatorPass.objects.count() == 1
    assert AlarmTransition.objects.count() == Notice.objects.count() == len(rules)
    assert {state_of(rule).version for rule in rules} == {1}


def test_an_evaluator_that_slept_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It judged old figures; meanwhile another has judged newer ones."""
    rule = a_rule()
    failing()
    evaluated(START + 2 * MINUTE)
    counted("batch.lines", START + 3 * MINUTE, 100, 0, kind="receipts")

    def slow(*told: Any) -> object:
        monkeypatch.undo()
        found = judge(*told)
        race([partial(evaluated, START + 4 * MINUTE)])
        return found

    monkeypatch.setattr("monitoring.alarms.evaluator.judge", slow)
    evaluate_all(START + 3 * MINUTE, just_after(START + 3 * MINUTE))

    state = state_of(rule)
    assert (state.state, state.version, state.evaluated_at) == (State.OK, 2, START + 4 * MINUTE)
    assert AlarmTransition.objects.count() == 2


def test_killed_before_its_notice_is_written_it_has_not_moved_either(environment: dict[str, str]) -> None:
    rule = a_rule()
    failing()
    at = just_after(START + 2 * MINUTE)

    done = subprocess.run(
        [sys.executable, "-c", DIE, at.isoformat()], cwd=PROJECT, timeout=300, check=False, capture_output=True,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip

    assert done.returncode == -9, done.stderr.decode()
    assert not AlarmTransition.objects.exists()
    assert not EvaluatorPass.objects.exists()
    evaluated(START + 2 * MINUTE)
    assert state_of(rule).state == State.ALARM
    assert Notice.objects.count() == 1


def test_two_who_acknowledge_at_once_are_told_who_was_first() -> None:
    rule = a_rule()
    failing()
    evaluated(START + 2 * MINUTE)
    people = [User.objects.create_superuser(name) for name in ("one", "two")]

    def try_it(person: User) -> str:
        try:
            acknowledge(rule.pk, actor=person, note="I look at it.")
        except Refused as refusal:
            return str(refusal)
        return "done"

    said = race([partial(try_it, person) for person in people])

    first = Acknowledgement.objects.get().by
    assert sorted(said) == sorted(["done", f"{first} has acknowledged it already."])


def test_shipped_rules_are_made_once_and_edits_stay() -> None:
    race([make_shipped_rules] * 3)
    made = AlarmRule.objects.count()
    AlarmRule.objects.filter(shipped="disk-full").update(threshold=75, name="Disk")

    make_shipped_rules()

    assert AlarmRule.objects.count() == made
    assert AlarmRule.objects.get(shipped="disk-full").threshold == 75
