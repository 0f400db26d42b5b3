"""Rules for tests: of lines that fail, one minute each, unless they say otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitoring.alarms.evaluator import evaluate_due
from monitoring.alarms.words import MissingData, Severity
from monitoring.models import AlarmRule, AlarmState, EvaluatorPass
from tests.figures import just_after


def a_rule(name: str = "Lines fail", **told: Any) -> AlarmRule:
    usual: dict[str, Any] = {
        "metric": "batch.lines", "statistic": "errors", "expression": "100 * errors(a) / count(a)", "unit": "%",
        "threshold": 5, "period": 60, "datapoints_to_alarm": 2, "evaluation_periods": 2,
        "severity": Severity.CRITICAL, "description": "Open Problems.",
    }  # fmt: skip
    return AlarmRule.objects.create(name=name, **{**usual, **told})


def a_level(name: str = "Dead letters wait", **told: Any) -> AlarmRule:
    usual: dict[str, Any] = {
        "metric": "dlq.depth", "statistic": "maximum", "expression": "", "unit": "", "threshold": 0,
        "datapoints_to_alarm": 1, "evaluation_periods": 1, "missing_data": MissingData.MISSING,
    }  # fmt: skip
    return a_rule(name, **{**usual, **told})


def evaluated(minute: datetime) -> EvaluatorPass | None:
    """A look at all rules as soon as the minutes before `minute` have settled."""
    return evaluate_due(just_after(minute))


def state_of(rule: AlarmRule) -> AlarmState:
    return AlarmState.objects.get(pk=rule.pk)
