"""Our figures as Prometheus names and shapes them: counters, histograms with fixed bounds, gauges; base units."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family

from monitoring.metrics import bins
from monitoring.metrics.deltas import Key, Labels
from monitoring.metrics.minutes import minutes
from monitoring.metrics.names import METRICS, Metric, Sort
from monitoring.metrics.summary import Summary
from monitoring.metrics.totals import totals

# From a statement to a night's file, in seconds. A value counts at the middle of its bin, which is 2 % from it at most.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400)
LES = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
# What a unit is called at the end of a name, and what a figure is multiplied by to be in it.
UNITS = {"s": ("_seconds", 1.0), "bytes": ("_bytes", 1.0), "%": ("_ratio", 0.01)}
# A level that nobody has looked at for so long is not told any more.
LEVEL_MINUTES = 3


def counted() -> Iterator[Family]:
    """Happenings and times, of all processes and of all time."""
    found = totals([metric.name for metric in METRICS.values() if metric.sort != Sort.LEVELS])
    for name in sorted(found):
        metric = METRICS[name]
        if metric.sort == Sort.TIMES:
            yield _histogram(metric, found[name])
        else:
            yield _counter(metric, "", metric.help, {labels: of.count for labels, of in found[name].items()})
        failed = {labels: of.errors for labels, of in found[name].items()}
        yield _counter(metric, "_failed", f"Of these, failed. {metric.help}", failed)


def looked_at(now: datetime) -> Iterator[Family]:
    """Levels, as of the last minute that is over. What several processes told of themselves is added up."""
    end = now.replace(second=0, microsecond=0)
    names = [metric.name for metric in METRICS.values() if metric.sort == Sort.LEVELS]
    newest = _newest(minutes(names, end - timedelta(minutes=LEVEL_MINUTES), end))
    for name in sorted(newest):
        metric = METRICS[name]
        suffix, factor = UNITS.get(metric.unit, ("", 1.0))
        family = GaugeMetricFamily(prometheus_name(metric) + suffix, metric.help, labels=list(metric.labels))
        for labels, summary in newest[name].items():
            family.add_metric(_values(metric, labels), summary.total * factor)
        yield family


def prometheus_name(metric: Metric) -> str:
    return f"nightshelf_{metric.name.replace('.', '_')}"


def _newest(found: Mapping[Key, Summary]) -> dict[str, dict[Labels, Summary]]:
    newest: dict[str, dict[Labels, Summary]] = {}
    for key in sorted(found, key=lambda key: key.minute):
        newest.setdefault(key.metric, {})[key.labels] = found[key]
    return newest


def _counter(metric: Metric, suffix: str, help: str, numbers: Mapping[Labels, int]) -> Family:
    family = CounterMetricFamily(prometheus_name(metric) + suffix, help, labels=list(metric.labels))
    for labels, number in numbers.items():
        family.add_metric(_values(metric, labels), number)
    return family


def _histogram(metric: Metric, found: Mapping[Labels, Summary]) -> Family:
    family = HistogramMetricFamily(f"{prometheus_name(metric)}_seconds", metric.help, labels=list(metric.labels))
    for labels, summary in found.items():
        family.add_metric(_values(metric, labels), list(zip(LES, cumulative(summary), strict=True)), summary.total)
    return family


def cumulative(summary: Summary) -> list[int]:
    """How many values each bound has at or below it; the last one is all."""
    counts = [0] * len(LES)
    for bin, number in summary.bins.items():
        counts[bisect_left(BOUNDS, bins.value_of(bin))] += number
    return list(accumulate(counts))


def _values(metric: Metric, labels: Labels) -> list[str]:
    told = dict(labels)
    return [str(told.get(name, "")) for name in metric.labels]
