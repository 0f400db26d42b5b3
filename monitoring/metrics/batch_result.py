"""The four figures that people know by name (Y12), and how they follow from what is measured.

CloudWatch and the home page show them: `read.summary(named.metric, …)` of any minutes, then `named.pairs(summary)` for
what is published, `named.value(summary)` for one figure of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from monitoring.metrics import bins
from monitoring.metrics.summary import Summary

Pairs = list[tuple[float, int]]  # a value in the unit, and how often it was measured: CloudWatch's Values and Counts


class Named(NamedTuple):
    """`unit` is CloudWatch's word. `value` is None where nothing was measured that would have one."""

    name: str
    metric: str
    unit: str
    help: str
    pairs: Callable[[Summary], Pairs]
    value: Callable[[Summary], float | None]


def _succeeded(summary: Summary) -> Pairs:
    return [(float(summary.count - summary.errors), 1)] if summary.count else []


def _failed(summary: Summary) -> Pairs:
    return [(float(summary.errors), 1)] if summary.count else []


def values(summary: Summary, scale: float = 1) -> Pairs:
    """Each bin as one value, within 2 %, and never outside of what was measured: one value alone is exact."""
    if summary.least is None or summary.most is None:
        return []
    least, most = summary.least, summary.most
    return [(scale * min(max(bins.value_of(bin), least), most), number) for bin, number in sorted(summary.bins.items())]


def _milliseconds(summary: Summary) -> Pairs:
    return values(summary, 1_000)


def _average_milliseconds(summary: Summary) -> float | None:
    return None if summary.average is None else 1_000 * summary.average


SUCCESS_COUNT = Named(
    "SuccessCount", "batch.lines", "Count", "Lines that became rows, or were there already.",
    _succeeded, lambda summary: float(summary.count - summary.errors),
)  # fmt: skip
FAILURE_COUNT = Named(
    "FailureCount", "batch.lines", "Count", "Lines that became dead letters.",
    _failed, lambda summary: float(summary.errors),
)  # fmt: skip
PROCESSING_TIME = Named(
    "ProcessingTime", "batch.file", "Milliseconds", "From a result file's arrival to its end.",
    _milliseconds, _average_milliseconds,
)  # fmt: skip
DLQ_DEPTH = Named(
    "DLQDepth", "dlq.depth", "Count", "Messages in dead-letter queues and open dead letters.",
    values, lambda summary: summary.most,
)  # fmt: skip

BATCH_RESULT = (SUCCESS_COUNT, FAILURE_COUNT, PROCESSING_TIME, DLQ_DEPTH)
