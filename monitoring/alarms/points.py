"""What a rule looks at: one datapoint for each whole, finished period, read when it is asked for.

As CloudWatch's own window does, it slides: each minute the last period ends with that minute. Periods of an hour and
more end with full hours (UTC), whose figures are kept for 13 months, so that a rule over days costs no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from monitoring.alarms.evaluate import evaluation_range
from monitoring.alarms.expression import Expression, parse
from monitoring.metrics import read
from monitoring.metrics.spans import HOUR, MINUTE
from monitoring.metrics.summary import Summary, merged
from monitoring.models import AlarmRule

# Figures are flushed every five seconds, and levels looked at once a minute. What comes later than this after the end
# of its minute is not lost: the periods that are looked at are read anew each minute.
SETTLE = timedelta(seconds=20)

Figures = dict[datetime, Summary]


class Datapoint(NamedTuple):
    """`value` None: missing. `few`: too few samples for its percentile to mean anything."""

    at: datetime
    value: float | None
    samples: int
    few: bool = False

    def stored(self) -> dict[str, Any]:
        return {"at": self.at.isoformat(), "value": self.value, "samples": self.samples, "few": self.few}


def settled(now: datetime) -> datetime:
    """All figures of the minutes before this one are there."""
    return (now - SETTLE).replace(second=0, microsecond=0)


def datapoints(rule: AlarmRule, minute: datetime) -> list[Datapoint]:
    """Of the evaluation range that ends with `minute` (a full one), oldest first. One query for each series."""
    period, end = timedelta(seconds=rule.period), end_of_period(rule.period, minute)
    start = end - evaluation_range(rule.evaluation_periods) * period
    return _spread(rule, start, end, period, _read(rule, start, end, period))


def history(rule: AlarmRule, start: datetime, end: datetime) -> Iterator[tuple[datetime, list[Datapoint]]]:
    """What the evaluator looked at, or would have, at each minute (or hour) of (start, end]. One query a series."""
    period, step = timedelta(seconds=rule.period), _step(rule.period)
    back = evaluation_range(rule.evaluation_periods)
    moment, last = end_of_period(rule.period, start) + step, end_of_period(rule.period, end)
    begin = moment - back * period
    told = _read(rule, begin, last, step)
    known: dict[datetime, Datapoint] = {}
    while moment <= last:
        begins = [moment - (back - place) * period for place in range(back)]
        for at in begins:
            if at not in known:
                known[at] = _windowed(rule, at, period, step, told)
        yield moment, [known[at] for at in begins]
        moment += step


def chart(rule: AlarmRule, start: datetime, end: datetime, step: timedelta) -> list[Datapoint]:
    """One datapoint for each step of about (start, end), those without data too; `step` is a period long, or more."""
    last = end_of_period(round(step.total_seconds()), end)
    first = last - math.ceil((last - start) / step) * step
    return _spread(rule, first, last, step, _read(rule, first, last, step))


def end_of_period(period: int, minute: datetime) -> datetime:
    return minute if period < HOUR.total_seconds() else minute.astimezone(UTC).replace(minute=0)


def expression_of(rule: AlarmRule) -> Expression:
    return parse(rule.expression or "a", rule.statistic)


def needed_samples(statistic: str) -> int:
    """10 / (1 - p), or 10 / p below the median: AWS, "Percentile-based alarms and low data samples"; 0 for others."""
    if not statistic.startswith("p"):
        return 0
    percent = float(statistic[1:])
    tail = 100 - percent if percent >= 50 else percent
    return math.ceil(1000 / tail - 1e-6) if tail else 0


def _step(period: int) -> timedelta:
    return MINUTE if period < HOUR.total_seconds() else HOUR


def _read(rule: AlarmRule, start: datetime, end: datetime, step: timedelta) -> dict[str, Figures]:
    asked = {"a": (rule.metric, rule.labels), "b": (rule.other_metric, rule.other_labels)}
    wanted = {term.series for term in expression_of(rule).terms}
    return {
        name: {point.at: point.summary for point in read.points(metric, start, end, step, labels=labels).get((), [])}
        for name, (metric, labels) in asked.items()
        if name in wanted
    }


def _spread(
    rule: AlarmRule, start: datetime, end: datetime, step: timedelta, told: dict[str, Figures]
) -> list[Datapoint]:
    places = range(round((end - start) / step))
    return [_datapoint(rule, start + place * step, {s: f.get(start + place * step) for s, f in told.items()})
            for place in places]  # fmt: skip


def _windowed(rule: AlarmRule, at: datetime, period: timedelta, step: timedelta, told: dict[str, Figures]) -> Datapoint:
    moments = [at + place * step for place in range(round(period / step))]
    return _datapoint(
        rule, at, {name: merged(f[moment] for moment in moments if moment in f) for name, f in told.items()}
    )


def _datapoint(rule: AlarmRule, at: datetime, told: Mapping[str, Summary | None]) -> Datapoint:
    expression = expression_of(rule)
    figures = {name: summary or Summary() for name, summary in told.items()}
    few = any(figures[term.series].values < needed_samples(term.statistic) for term in expression.terms)
    samples = min(figures[term.series].count for term in expression.terms)
    return Datapoint(at, expression.value(figures), samples, few)
