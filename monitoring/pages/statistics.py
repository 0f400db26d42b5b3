"""What can be told of a metric in a span of time: the same names on charts, in tables, in addresses and in alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from monitoring.metrics.names import Metric, Sort
from monitoring.metrics.summary import Summary


class Statistic(NamedTuple):
    name: str
    label: str


STATISTICS = {
    statistic.name: statistic
    for statistic in (
        Statistic("count", "Number"),
        Statistic("rate", "Per second"),
        Statistic("errors", "Failures"),
        Statistic("failure_rate", "Failure rate"),
        Statistic("average", "Average"),
        Statistic("p50", "p50"),
        Statistic("p90", "p90"),
        Statistic("p95", "p95"),
        Statistic("p99", "p99"),
        Statistic("least", "Least"),
        Statistic("most", "Most"),
        Statistic("sum", "Sum"),
    )
}
OF_HAPPENINGS = ("count", "rate", "errors", "failure_rate")
OF_VALUES = ("average", "p50", "p90", "p95", "p99", "least", "most")
OF_SORT = {
    Sort.HAPPENINGS: OF_HAPPENINGS,
    Sort.TIMES: ("p95", *OF_HAPPENINGS, *(name for name in OF_VALUES if name != "p95"), "sum"),
    Sort.LEVELS: OF_VALUES,
}


def of_metric(metric: Metric) -> list[Statistic]:
    """The usual one first."""
    return [STATISTICS[name] for name in OF_SORT[metric.sort]]


def value(summary: Summary | None, statistic: str, seconds: float) -> float | None:
    """None where it cannot be told: nothing was measured. `seconds` are those the summary is of."""
    its = summary or Summary()
    if statistic.startswith("p"):
        return its.percentile(float(statistic.removeprefix("p")))
    return OF_SUMMARY[statistic](its, seconds)


OF_SUMMARY: dict[str, Callable[[Summary, float], float | None]] = {
    "count": lambda its, _: its.count,
    "rate": lambda its, seconds: its.count / seconds,
    "errors": lambda its, _: its.errors,
    "failure_rate": lambda its, _: its.failure_rate,
    "sum": lambda its, _: its.total if its.bins else None,
    "average": lambda its, _: its.average,
    "least": lambda its, _: its.least,
    "most": lambda its, _: its.most,
}


def unit(metric: Metric, statistic: str) -> str:
    """Of the statistic's value; '' for a bare number."""
    if statistic == "failure_rate":
        return "%"
    if statistic == "rate":
        return "/s"
    return "" if statistic in ("count", "errors") else metric.unit
