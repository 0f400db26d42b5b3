"""What a rule's datapoints mean, as a state and a sentence. Pure: the evaluator and the preview judge alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from monitoring.alarms.check import unit_of
from monitoring.alarms.evaluate import Verdict, evaluate
from monitoring.alarms.points import Datapoint
from monitoring.alarms.words import COMPARE, PERIODS, Comparison, LowSamples, MissingData, State
from monitoring.models import AlarmRule

MOST_TOLD = 5
TAKEN_FOR = {MissingData.BREACHING: "bad", MissingData.NOT_BREACHING: "good"}


class Judgement(NamedTuple):
    state: State
    reason: str
    value: float | None
    datapoints: list[dict[str, object]]  # as stored: newest last, `used` and `breach` on each


def judge(rule: AlarmRule, datapoints: Sequence[Datapoint], before: State) -> Judgement:
    breaches = [None if point.value is None else breaching(rule, point.value) for point in datapoints]
    verdict = evaluate(breaches, rule.datapoints_to_alarm, rule.evaluation_periods, rule.missing_data, before)
    used = [datapoints[place] for place in verdict.used]
    few = rule.low_samples == LowSamples.IGNORE and any(point.few for point in used)
    if few:
        verdict = verdict._replace(state=before, kept=True)
    told = [
        {**point.stored(), "breach": breach, "used": place in verdict.used}
        for place, (point, breach) in enumerate(zip(datapoints, breaches, strict=True))
    ]
    newest = next((point.value for point in reversed(datapoints) if point.value is not None), None)
    return Judgement(verdict.state, _reason(rule, used, verdict, few=few), newest, told)


def breaching(rule: AlarmRule, value: float) -> bool:
    return COMPARE[rule.comparison](value, rule.threshold)


def condition(rule: AlarmRule) -> str:
    """`> 5 %`."""
    return f"{Comparison(rule.comparison).label} {written(rule.threshold, unit_of(rule))}"


def written(value: float | None, unit: str = "") -> str:
    """With its unit, and no more digits than tell something."""
    if value is None:
        return "–"
    digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{digits} {unit}".strip()


def _reason(rule: AlarmRule, used: Sequence[Datapoint], verdict: Verdict, *, few: bool) -> str:
    if not used:
        period = PERIODS.get(rule.period, f"{rule.period} s")
        sentence = f"No data in the last {rule.evaluation_periods + 2} periods of {period}"
        return f"{sentence}{_filled(rule, verdict)}."
    over = sum(breaching(rule, point.value) for point in used if point.value is not None)
    figures = ", ".join(_figure(rule, point) for point in used[-MOST_TOLD:])
    more = f" and {len(used) - MOST_TOLD} before" if len(used) > MOST_TOLD else ""
    were = "datapoint was" if len(used) == 1 else "datapoints were"
    sentence = f"{over} of {len(used)} {were} {condition(rule)}: {figures}{more}{_filled(rule, verdict)}."
    return f"{sentence} Too few samples for {rule.statistic}: the state stays." if few else sentence


def _figure(rule: AlarmRule, point: Datapoint) -> str:
    return f"{written(point.value, unit_of(rule))} at {_clock(point.at)}"


def _filled(rule: AlarmRule, verdict: Verdict) -> str:
    if not verdict.filled:
        return ""
    if verdict.kept:
        return "; the state stays"
    taken = TAKEN_FOR.get(MissingData(rule.missing_data))
    was = "was" if verdict.filled == 1 else "were"
    return f"; {verdict.filled} missing {was} taken for {taken}" if taken else ""


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
