"""Calls that may have got through, or not: looked up in CloudWatch, and made again only where they did not.

Asked too early it would not know yet: a new figure can be seen after two minutes, one that was 3 hours old when it was
sent after two hours, one that was a day old at no certain time (AWS: PutMetricData). So the look waits, and what cannot
be looked up is told and not sent again: a gap of a minute is the smaller harm. A quarter of an hour is also what no
request outlives: AWS refuses a signature that is older than five minutes.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from monitoring import telemetry
from monitoring.cloudwatch.client import InDoubt, NotTaken, Refused, client, faults
from monitoring.cloudwatch.data import Datum
from monitoring.models import CloudWatchCall

MINUTE = timedelta(minutes=1)
# How old figures were when they were sent, at most, and how long after that they can be seen for certain.
SEEN_AFTER = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(hours=24), timedelta(hours=3)),
)
# A look that fails is repeated; in the end there is nothing to look at any more.
GIVEN_UP = timedelta(days=10)
MOST_QUERIES = 500  # AWS: in one GetMetricData


def settle_doubts(now: datetime) -> None:
    for call in CloudWatchCall.objects.all():
        if call.claimed_at is not None:
            _look(call, call.claimed_at, now)


def _look(call: CloudWatchCall, claimed_at: datetime, now: datetime) -> None:
    wait = _seen_after(claimed_at - call.minute)
    if wait is None or now - claimed_at > GIVEN_UP:
        _give_up(call)
    elif now - claimed_at >= wait:
        _settle(call)


def _seen_after(age: timedelta) -> timedelta | None:
    return next((wait for most, wait in SEEN_AFTER if age <= most), None)


def _settle(call: CloudWatchCall) -> None:
    """Whoever comes second finds the claim to be another, and changes nothing."""
    try:
        there = _there(call)
    except (NotTaken, InDoubt, Refused) as fault:
        telemetry.event("cloudwatch_not_settled", level=logging.WARNING, error=str(fault))
        return
    missing = [datum for datum in call.data if not there[_key(datum)]]
    mine = CloudWatchCall.objects.filter(pk=call.pk, claimed_at=call.claimed_at)
    settled = mine.update(data=missing, claimed_at=None) if missing else mine.delete()[0]
    if settled:
        telemetry.event("cloudwatch_settled", minute=call.minute.isoformat(), sent_again=len(missing))


def _give_up(call: CloudWatchCall) -> None:
    if CloudWatchCall.objects.filter(pk=call.pk, claimed_at=call.claimed_at).delete()[0]:
        telemetry.event("cloudwatch_minute_unknown", level=logging.ERROR, minute=call.minute.isoformat())


def _there(call: CloudWatchCall) -> dict[str, bool]:
    """By metric and dimensions: whether CloudWatch has a value of it in that minute. Nobody else publishes them."""
    metrics = {_key(datum): datum for datum in call.data}
    found = dict.fromkeys(metrics, False)
    keys = list(metrics)
    for at in range(0, len(keys), MOST_QUERIES):
        some = keys[at : at + MOST_QUERIES]
        queries = [_query(number, metrics[key]) for number, key in enumerate(some)]
        for result in _asked(queries, call.minute):
            found[some[int(result["Id"][1:])]] |= any(result["Values"])
    return found


def _asked(queries: list[dict[str, Any]], minute: datetime) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    with faults():
        pages = client().get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=minute, EndTime=minute + MINUTE):
            results += page["MetricDataResults"]
    return results


def _query(number: int, datum: Datum) -> dict[str, Any]:
    metric = {
        "Namespace": settings.CLOUDWATCH_NAMESPACE,
        "MetricName": datum["MetricName"],
        "Dimensions": datum["Dimensions"],
    }
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "SampleCount"}}


def _key(datum: Datum) -> str:
    return f"{datum['MetricName']} {datum['Dimensions']}"
