"""Alarms and dashboard in CloudWatch as the rules here say: what differs, and putting it right.

Ours are known by the prefix of their name, and before one is deleted also by its tag: what others have made stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings

from monitoring.cloudwatch.alarm import Alarm, CannotMirror, alarm_name, alarm_of, name_prefix
from monitoring.cloudwatch.dashboard import dashboard_body, dashboard_name
from monitoring.models import AlarmRule

TAG = {"Key": "made-by", "Value": "nightshelf"}
MOST_DELETED = 100  # AWS: in one call


class Step(NamedTuple):
    """`verb` create, alter or delete; `what` with its name; `how` it differs."""

    verb: str
    what: str
    how: str
    arguments: dict[str, Any]


class Sync:
    def __init__(self, cloudwatch: Any, rules: Iterable[AlarmRule], topics: list[str]) -> None:
        self._cloudwatch = cloudwatch
        self._wanted: dict[str, Alarm] = {}
        self.left_out: list[str] = []
        for rule in rules:
            try:
                self._wanted[alarm_name(rule)] = alarm_of(rule, topics)
            except CannotMirror as why:
                self.left_out.append(f"{rule.name}: {why}")

    def steps(self) -> Iterator[Step]:
        """What is to be done; nothing when all is as it should be."""
        present = {alarm["AlarmName"]: alarm for alarm in self._present()}
        for name, wanted in self._wanted.items():
            if name not in present:
                yield Step("create", f"alarm {name}", "", wanted)
            elif how := differences(wanted, present[name]):
                yield Step("alter", f"alarm {name}", "; ".join(how), wanted)
        for name in sorted(set(present) - set(self._wanted)):
            if self._ours(present[name]):
                yield Step("delete", f"alarm {name}", "no enabled rule of that name", {"AlarmNames": [name]})
        yield from self._dashboard()

    def take(self, step: Step) -> None:
        if step.what.startswith("dashboard"):
            self._cloudwatch.put_dashboard(**step.arguments)
        elif step.verb == "delete":
            self._cloudwatch.delete_alarms(**step.arguments)
        else:
            # Tags count when an alarm is made; of one that is there they stay as they are.
            self._cloudwatch.put_metric_alarm(**step.arguments, Tags=[TAG])

    def _present(self) -> Iterator[Alarm]:
        for page in self._cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=name_prefix()):
            yield from page["MetricAlarms"]

    def _ours(self, alarm: Alarm) -> bool:
        return TAG in self._cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]

    def _dashboard(self) -> Iterator[Step]:
        name = dashboard_name()
        body = dashboard_body(settings.CLOUDWATCH_REGION or self._cloudwatch.meta.region_name)
        there = self._body_there(name)
        if there != body:
            verb, how = ("create", "") if there is None else ("alter", "its widgets differ")
            yield Step(verb, f"dashboard {name}", how, {"DashboardName": name, "DashboardBody": json.dumps(body)})

    def _body_there(self, name: str) -> Any:
        try:
            return json.loads(self._cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
        except self._cloudwatch.exceptions.ClientError as fault:
            if fault.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise


def differences(wanted: Alarm, present: Alarm) -> list[str]:
    """`Threshold 5.0 → 7.0`, for each of them; also for what is there and not wanted."""
    known = {key for key in present if key in SETTABLE} | set(wanted)
    told = []
    for key in sorted(known):
        before, after = _plain(present.get(key)), _plain(wanted.get(key))
        if before != after:
            told.append(f"{key} {_shown(before)} → {_shown(after)}")
    return told


# Of what is told of an alarm: what PutMetricAlarm sets.
SETTABLE = frozenset({
    "ActionsEnabled", "AlarmActions", "AlarmDescription", "ComparisonOperator", "DatapointsToAlarm", "Dimensions",
    "EvaluateLowSampleCountPercentile", "EvaluationPeriods", "ExtendedStatistic", "InsufficientDataActions",
    "MetricName", "Metrics", "Namespace", "OKActions", "Period", "Statistic", "Threshold", "TreatMissingData", "Unit",
})  # fmt: skip


def _plain(value: Any) -> Any:
    """Without what is empty, and in one order: CloudWatch tells an alarm's parts in an order of its own."""
    if isinstance(value, dict):
        return {key: plain for key, of in sorted(value.items()) if (plain := _plain(of)) is not None} or None
    if isinstance(value, list):
        return sorted((_plain(one) for one in value), key=json.dumps) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return None if value == "" else value


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
