"""What our metrics are called in CloudWatch (Y12's four, and the others by the same pattern), and in which unit.

CloudWatch adds nothing up over dimensions, and each combination of them is a metric that is paid for. So happenings and
times are published as a whole, without their labels; levels as a whole and for each queue or kind of process.
"""

from __future__ import annotations

from typing import NamedTuple

from monitoring.metrics.deltas import Labels
from monitoring.metrics.names import METRICS, Metric, Sort


class Names(NamedTuple):
    """Of the metrics that one of ours becomes; '' where there is none. `factor`: ours in CloudWatch's unit."""

    value: str = ""
    succeeded: str = ""
    failed: str = ""
    unit: str = "Count"
    factor: float = 1.0


GIVEN = {
    "batch.lines": "BatchResult/",
    "batch.file": "BatchResult/Processing",
    "batch.chunk": "BatchResult/Chunk",
    "dlq.depth": "BatchResult/DLQDepth",
    "letters.open": "BatchResult/OpenLetters",
}
UNITS = {"%": "Percent", "bytes": "Bytes", "s": "Seconds"}


def names(metric: Metric) -> Names:
    """`http.request` becomes `Http/RequestTime` and `Http/RequestFailureCount`."""
    called = GIVEN.get(metric.name) or "/".join(part.capitalize() for part in metric.name.split("."))
    if metric.sort == Sort.TIMES:
        return Names(f"{called}Time", "", f"{called}FailureCount", "Milliseconds", 1000.0)
    if metric.sort == Sort.HAPPENINGS:
        return Names("", f"{called}SuccessCount", f"{called}FailureCount")
    return Names(called, "", "", UNITS.get(metric.unit, "Count"))


def dimension_sets(metric: str, labels: Labels) -> list[Labels]:
    """The sets of dimensions under which a series is published: none, and for a level its labels as well."""
    if METRICS[metric].sort != Sort.LEVELS or not labels:
        return [()]
    return [(), tuple((name.capitalize(), value) for name, value in labels)]
