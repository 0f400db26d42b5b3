"""Whether a rule can be evaluated at all: asked before it is kept, and by the evaluator, for metrics come and go."""

from __future__ import annotations

from monitoring.alarms.expression import BadExpression, parse
from monitoring.alarms.words import MOST_SECONDS
from monitoring.metrics.names import METRICS, Metric, Sort
from monitoring.models import AlarmRule


class BadRule(ValueError):
    """It cannot be evaluated; the message says why, in a sentence."""


def checked(rule: AlarmRule) -> AlarmRule:
    for sentence in faults(rule).values():
        raise BadRule(sentence)
    return rule


def faults(rule: AlarmRule) -> dict[str, str]:
    """A sentence for each field that will not do."""
    found = {
        **_of_series("metric", rule.metric, "labels", rule.labels),
        **(
            _of_series("other_metric", rule.other_metric, "other_labels", rule.other_labels)
            if rule.other_metric
            else {}
        ),
        **_of_periods(rule),
    }
    return found or _of_expression(rule)


def unit_of(rule: AlarmRule) -> str:
    """What the rule's figure is in; '' where that is a mere number."""
    if rule.unit or rule.expression:
        return rule.unit
    metric = METRICS.get(rule.metric)
    if metric is None or (metric.sort != Sort.HAPPENINGS and rule.statistic in ("count", "errors")):
        return ""
    return metric.unit


def _of_series(metric_field: str, name: str, labels_field: str, labels: object) -> dict[str, str]:
    metric = METRICS.get(name)
    if metric is None:
        return {metric_field: f"There is no figure {name}: choose one of the list."}
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        return {labels_field: 'Write labels as {"name": "value"}, or leave them empty.'}
    if unknown := [label for label in labels if label not in metric.labels]:
        return {labels_field: f"{name} has no label {unknown[0]}: {_labels(metric)}"}
    return {}


def _of_periods(rule: AlarmRule) -> dict[str, str]:
    m, n = rule.datapoints_to_alarm, rule.evaluation_periods
    if m and n and m > n:
        return {"datapoints_to_alarm": f"{m} of {n} cannot be: M is N at most."}
    if n and rule.period and n * rule.period > MOST_SECONDS:
        return {"evaluation_periods": "N periods have to be 7 days at most: choose fewer, or shorter ones."}
    return {}


def _of_expression(rule: AlarmRule) -> dict[str, str]:
    try:
        expression = parse(rule.expression or "a", rule.statistic)
    except BadExpression as fault:
        return {"expression": str(fault)}
    if not rule.other_metric and any(term.series == "b" for term in expression.terms):
        return {"other_metric": "The expression has series b in it: say which figure that is."}
    for term in expression.terms:
        metric = METRICS[rule.metric if term.series == "a" else rule.other_metric]
        if metric.sort == Sort.HAPPENINGS and term.statistic not in ("count", "errors", "sum"):
            field = "expression" if rule.expression else "statistic"
            return {field: f"{metric.name} is counted and has no values: use count, errors or sum."}
    return {}


def _labels(metric: Metric) -> str:
    return f"it has {', '.join(metric.labels)}." if metric.labels else "it has none."
