"""`manage.py sync_cloudwatch`: the alarms that the rules describe, and a dashboard; a second run changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from monitoring.alarms.shipped import make_shipped_rules
from monitoring.cloudwatch.alarm import CannotMirror, alarm_of
from monitoring.cloudwatch.client import client
from monitoring.models import AlarmRule

pytestmark = pytest.mark.django_db
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:alarms"


@pytest.fixture(autouse=True)
def rules() -> None:
    """The shipped ones and no others."""
    make_shipped_rules()


def sync(*arguments: str) -> tuple[str, int]:
    """What it says, and its exit code."""
    out, code = StringIO(), 0
    try:
        call_command("sync_cloudwatch", *arguments, stdout=out, stderr=out)
    except SystemExit as left:
        code = int(left.code or 0)
    return out.getvalue(), code


def alarm(rule: str, namespace: str) -> dict[str, Any]:
    [found] = client().describe_alarms(AlarmNames=[f"Nightshelf {namespace}: {rule}"])["MetricAlarms"]
    return dict(found)


def test_every_shipped_rule_becomes_an_alarm_and_a_second_run_changes_nothing(namespace: str) -> None:
    said, code = sync()
    assert (said.count("create alarm"), code) == (AlarmRule.objects.count(), 0)
    assert "create dashboard Nightshelf-" in said
    assert "Left out" not in said

    assert sync() == ("Nothing to change.\n", 0)
    assert sync("--diff") == ("All is as it should be.\n", 0)


def test_diff_says_what_would_change_and_changes_nothing(namespace: str) -> None:
    said, code = sync("--diff")
    assert (said.count("create alarm"), code) == (AlarmRule.objects.count(), 1)
    assert not client().describe_alarms(AlarmNamePrefix=f"Nightshelf {namespace}")["MetricAlarms"]

    sync()
    AlarmRule.objects.filter(shipped="dead-letters").update(threshold=5, evaluation_periods=3)
    name = f"Nightshelf {namespace}: Dead letters wait"
    assert sync("--diff") == (f"alter alarm {name}: EvaluationPeriods 1 → 3; Threshold 0 → 5\n", 1)
    assert alarm("Dead letters wait", namespace)["Threshold"] == 0

    assert sync()[0].endswith("1 changes.\n")
    assert alarm("Dead letters wait", namespace)["Threshold"] == 5


def test_y12s_three_alarms_are_said_in_cloudwatchs_words(namespace: str) -> None:
    sync("--topic", TOPIC)

    failing = alarm("Lines fail: more than 5 %", namespace)
    assert (failing["Threshold"], failing["EvaluationPeriods"], failing["DatapointsToAlarm"]) == (5, 2, 2)
    assert failing["TreatMissingData"] == "notBreaching"
    assert failing["AlarmActions"] == failing["OKActions"] == [TOPIC]
    assert [metric.get("Expression") for metric in failing["Metrics"]] == ["100 * (m1) / (m2 + m3)", None, None, None]
    parts = [metric["MetricStat"] for metric in failing["Metrics"][1:]]
    assert [(part["Metric"]["MetricName"], part["Period"], part["Stat"]) for part in parts] == [
        ("BatchResult/FailureCount", 300, "Sum"),
        ("BatchResult/SuccessCount", 300, "Sum"),
        ("BatchResult/FailureCount", 300, "Sum"),
    ]

    slow = alarm("Files take long: p99 over 60 s", namespace)
    assert (slow["MetricName"], slow["ExtendedStatistic"], slow["Threshold"]) == (
        "BatchResult/ProcessingTime", "p99", 60_000,
    )  # fmt: skip
    assert slow["EvaluateLowSampleCountPercentile"] == "evaluate"

    waiting = alarm("Dead letters wait", namespace)
    assert (waiting["MetricName"], waiting["Statistic"], waiting["Period"]) == ("BatchResult/DLQDepth", "Maximum", 60)
    assert waiting["ComparisonOperator"] == "GreaterThanThreshold"


def test_only_alarms_of_its_own_are_deleted(namespace: str) -> None:
    sync()
    others = f"Nightshelf {namespace}: by hand"
    client().put_metric_alarm(
        AlarmName=others, Namespace=namespace, MetricName="Other", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    AlarmRule.objects.filter(shipped="disk-full").update(enabled=False)

    said, _ = sync()
    assert said == (
        f"delete alarm Nightshelf {namespace}: Disk: over 90 % full: no enabled rule of that name\n1 changes.\n"
    )
    assert sync() == ("Nothing to change.\n", 0)
    assert client().describe_alarms(AlarmNames=[others])["MetricAlarms"]


def test_a_dashboard_that_was_altered_is_put_right(namespace: str) -> None:
    sync()
    name = f"Nightshelf-{namespace}"
    body = json.loads(client().get_dashboard(DashboardName=name)["DashboardBody"])
    assert len(body["widgets"]) == 12
    client().put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')

    assert sync("--diff") == (f"alter dashboard {name}: its widgets differ\n", 1)
    sync()
    assert json.loads(client().get_dashboard(DashboardName=name)["DashboardBody"]) == body


def test_a_queues_level_keeps_its_dimensions(namespace: str) -> None:
    rule = AlarmRule(
        name="deep",
        metric="queue.depth",
        labels={"queue": "night", "broker": "redis"},
        statistic="maximum",
        threshold=9,
    )
    assert alarm_of(rule, [])["Dimensions"] == [
        {"Name": "Broker", "Value": "redis"},
        {"Name": "Queue", "Value": "night"},
    ]


def test_in_an_expression_times_are_in_seconds() -> None:
    rule = AlarmRule(name="slow", metric="http.request", expression="sum(a) / count(a)", threshold=2)
    told = alarm_of(rule, [])
    assert (told["Metrics"][0]["Expression"], told["Threshold"]) == ("(m1 / 1000) / (m2)", 2)
    assert [metric["MetricStat"]["Stat"] for metric in told["Metrics"][1:]] == ["Sum", "SampleCount"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"metric": "http.request", "labels": {"route": "home"}}, "http.request is not published for route alone"),
        ({"metric": "queue.depth", "labels": {"queue": "night"}}, "queue.depth is not published for queue alone"),
        ({"metric": "batch.lines", "statistic": "p99"}, "batch.lines is counted, and has no p99"),
        ({"metric": "dlq.depth", "statistic": "errors"}, "dlq.depth has no failures"),
        ({"metric": "dlq.depth", "period": 900, "evaluation_periods": 100}, "CloudWatch looks back one day at most"),
        ({"metric": "gone"}, "series a is no metric"),
    ],
)
def test_what_cloudwatch_cannot_say_is_left_out_with_a_reason(told: dict[str, Any], why: str) -> None:
    with pytest.raises(CannotMirror, match=why):
        alarm_of(AlarmRule(name="x", threshold=1, **told), [])


def test_the_others_are_made_and_the_one_left_out_is_said(namespace: str) -> None:
    AlarmRule.objects.create(name="Home is slow", metric="http.request", labels={"route": "home"}, threshold=1)
    said, code = sync()
    assert "Left out: Home is slow: http.request is not published for route alone." in said
    assert (said.count("create alarm"), code) == (AlarmRule.objects.count() - 1, 0)


def test_with_cloudwatch_away_it_says_so(settings: Settings) -> None:
    settings.CLOUDWATCH_ENDPOINT_URL = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match="Could not connect") as caught:
        sync()
    assert caught.value.returncode == 2
