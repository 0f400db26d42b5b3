"""A minute as CloudWatch takes it: MetricData with `Values` and `Counts`, from which it has percentiles.

Values are those of the histogram's bins, so within 2 %; the least, the greatest, and a single one are exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from monitoring.cloudwatch.names import dimension_sets, names
from monitoring.metrics import bins
from monitoring.metrics.deltas import Labels
from monitoring.metrics.minutes import minutes
from monitoring.metrics.names import METRICS
from monitoring.metrics.summary import Summary

# AWS: 150 values in a datum, 1,000 data and 1 MB in a call. A pair is up to 100 bytes of the request's body, and a
# datum 300 without them, so that this is 800 KB.
MOST_VALUES, MOST_DATA, MOST_PAIRS = 150, 1_000, 5_000

Datum = dict[str, Any]


def calls(minute: datetime) -> list[list[Datum]]:
    """What is to be published of it, in as many calls as it needs. All of one metric is in one call."""
    parts: list[list[Datum]] = []
    pairs = 0
    for data in _series(minute):
        more = sum(len(datum["Values"]) for datum in data)
        if not parts or len(parts[-1]) + len(data) > MOST_DATA or pairs + more > MOST_PAIRS:
            parts.append([])
            pairs = 0
        parts[-1] += data
        pairs += more
    return parts


def _series(minute: datetime) -> Iterator[list[Datum]]:
    sums: defaultdict[tuple[str, Labels], Summary] = defaultdict(Summary)
    for key, summary in minutes(METRICS, minute, minute + timedelta(minutes=1)).items():
        for dimensions in dimension_sets(key.metric, key.labels):
            sums[key.metric, dimensions].merge(summary)
    for (metric, dimensions), summary in sorted(sums.items(), key=lambda item: item[0]):
        yield from _published(metric, dimensions, summary)


def _published(metric: str, dimensions: Labels, summary: Summary) -> Iterator[list[Datum]]:
    called = names(METRICS[metric])
    if called.value and summary.bins:
        pairs = [(value * called.factor, count) for value, count in _pairs(summary)]
        yield [
            _datum(called.value, dimensions, called.unit, pairs[at : at + MOST_VALUES])
            for at in range(0, len(pairs), MOST_VALUES)
        ]
    # 0 as well: a share of failures is made of two metrics of the same minute.
    if called.succeeded:
        yield [_datum(called.succeeded, dimensions, "Count", [(summary.count - summary.errors, 1)])]
    if called.failed:
        yield [_datum(called.failed, dimensions, "Count", [(summary.errors, 1)])]


def _pairs(summary: Summary) -> list[tuple[float, int]]:
    """The least and the greatest value are known, and taken out of their bins."""
    least, most = summary.least or 0.0, summary.most or 0.0
    if least == most:
        return [(least, summary.values)]
    counts = dict(sorted(summary.bins.items()))
    for bin in (min(counts), max(counts)):
        counts[bin] -= 1
    between = [(min(max(bins.value_of(bin), least), most), count) for bin, count in counts.items() if count]
    return [(least, 1), *between, (most, 1)]


def _datum(name: str, dimensions: Labels, unit: str, pairs: list[tuple[float, int]]) -> Datum:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value or "-"} for key, value in dimensions],
        "Unit": unit,
        "Values": [float(value) for value, _ in pairs],
        "Counts": [float(count) for _, count in pairs],
    }
