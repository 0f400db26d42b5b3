"""An alarm rule as CloudWatch's own alarm: the same metric, statistic, periods, threshold and missing-data policy.

What cannot be said there is not approximated: CannotMirror tells why in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings

from monitoring.alarms.expression import BadExpression, Term, parse
from monitoring.cloudwatch.names import names
from monitoring.metrics.names import METRICS, Sort
from monitoring.models import AlarmRule

# AWS: an alarm with periods below an hour looks at one day, others at a week.
DAY, HOUR = 86_400, 3_600
STATISTICS = {"sum": "Sum", "average": "Average", "minimum": "Minimum", "maximum": "Maximum", "count": "SampleCount"}

Alarm = dict[str, Any]


class CannotMirror(Exception):
    """A sentence: which part of the rule CloudWatch does not know."""


class Part(NamedTuple):
    """A statistic of one metric of CloudWatch's. `factor`: a figure of ours in its unit."""

    metric: dict[str, Any]
    statistic: str
    factor: float = 1.0


def alarm_name(rule: AlarmRule) -> str:
    return f"{name_prefix()}{rule.name}"


def name_prefix() -> str:
    return f"Nightshelf {settings.CLOUDWATCH_NAMESPACE}: "


def alarm_of(rule: AlarmRule, topics: list[str]) -> Alarm:
    """The arguments of PutMetricAlarm."""
    if rule.period < HOUR and rule.period * rule.evaluation_periods > DAY:
        raise CannotMirror("with periods below an hour CloudWatch looks back one day at most")
    return {
        "AlarmName": alarm_name(rule),
        "AlarmDescription": rule.description,
        "ActionsEnabled": True,
        "AlarmActions": topics,
        "OKActions": topics,
        "ComparisonOperator": str(rule.comparison),
        "EvaluationPeriods": rule.evaluation_periods,
        "DatapointsToAlarm": rule.datapoints_to_alarm,
        "TreatMissingData": str(rule.missing_data),
        **_figure(rule),
    }


def _figure(rule: AlarmRule) -> Alarm:
    try:
        expression = parse(rule.expression or "a", rule.statistic)
    except BadExpression as fault:
        raise CannotMirror(str(fault)) from fault
    parts = {term: _parts(term, rule) for term in expression.terms}
    if not rule.expression and len(parts[expression.terms[0]]) == 1:
        return _of_one_metric(rule, parts[expression.terms[0]][0])
    return _of_expression(rule, parts, expression.told)


def _of_one_metric(rule: AlarmRule, part: Part) -> Alarm:
    percentile = part.statistic.startswith("p")
    return {
        **part.metric,
        "Period": rule.period,
        "ExtendedStatistic" if percentile else "Statistic": part.statistic,
        "Threshold": rule.threshold * part.factor,
        **({"EvaluateLowSampleCountPercentile": str(rule.low_samples)} if percentile else {}),
    }


def _of_expression(rule: AlarmRule, parts: Mapping[Term, list[Part]], told: Any) -> Alarm:
    metrics: list[dict[str, Any]] = []
    called: dict[Term, str] = {}
    for term, some in parts.items():
        words = []
        for part in some:
            id = f"m{len(metrics) + 1}"
            stat = {"Metric": part.metric, "Period": rule.period, "Stat": part.statistic}
            stat["Metric"] = {key: part.metric[key] for key in ("Namespace", "MetricName", "Dimensions")}
            metrics.append({"Id": id, "MetricStat": stat, "ReturnData": False})
            words.append(id if part.factor == 1 else f"{id} / {part.factor:g}")
        called[term] = f"({' + '.join(words)})"
    expression = {"Id": "e1", "Expression": told(called.__getitem__), "Label": rule.name, "ReturnData": True}
    return {"Metrics": [expression, *metrics], "Threshold": rule.threshold}


def _parts(term: Term, rule: AlarmRule) -> list[Part]:
    """What a statistic of ours is the sum of."""
    first = term.series == "a"
    metric = METRICS.get(rule.metric if first else rule.other_metric)
    if metric is None:
        raise CannotMirror(f"series {term.series} is no metric")
    called, at = names(metric), _dimensions(metric.name, rule.labels if first else rule.other_labels)
    if term.statistic == "errors":
        if not called.failed:
            raise CannotMirror(f"{metric.name} has no failures")
        return [Part(_metric(called.failed, at), "Sum")]
    if called.value:
        factor = 1.0 if term.statistic == "count" else called.factor
        return [Part(_metric(called.value, at), STATISTICS.get(term.statistic, term.statistic), factor)]
    if term.statistic not in ("count", "sum"):
        raise CannotMirror(f"{metric.name} is counted, and has no {term.statistic}")
    return [Part(_metric(name, at), "Sum") for name in (called.succeeded, called.failed)]


def _dimensions(metric: str, labels: Mapping[str, str]) -> list[dict[str, str]]:
    known = METRICS[metric]
    if labels and (known.sort != Sort.LEVELS or set(labels) != set(known.labels)):
        raise CannotMirror(f"{metric} is not published for {', '.join(sorted(labels))} alone")
    return [{"Name": name.capitalize(), "Value": str(labels[name])} for name in sorted(labels)]


def _metric(name: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    return {"Namespace": settings.CLOUDWATCH_NAMESPACE, "MetricName": name, "Dimensions": dimensions}
