"""Frozen calls → CloudWatch. PutMetricData is not idempotent: a call that is made twice counts twice.

So a call is claimed before it is made, and its row deleted when it was. A claim that is left (the process died, or no
answer came) is never made again on suspicion: `settle` looks first whether it is there.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.conf import settings
from django.db import connection

from monitoring import telemetry
from monitoring.absence import Absence
from monitoring.cloudwatch.client import InDoubt, NotTaken, Refused, client, faults
from monitoring.models import CloudWatchCall

# Who was stopped for longer since the claim does not send: others may be looking already whether it did.
MOST_SECONDS = 60.0
CLAIM = """
    UPDATE monitoring_cloudwatchcall SET claimed_at = clock_timestamp() WHERE id = (
        SELECT id FROM monitoring_cloudwatchcall WHERE claimed_at IS NULL
        ORDER BY minute, part LIMIT 1 FOR UPDATE SKIP LOCKED) AND claimed_at IS NULL
    RETURNING id"""

_absence = Absence("cloudwatch")


def send_waiting() -> bool:
    """Make the calls that wait, oldest first. False: CloudWatch is away, and they wait on."""
    while call := _claimed():
        if not _send(call):
            return False
    return True


def _claimed() -> CloudWatchCall | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM)
        claimed = cursor.fetchone()
    return CloudWatchCall.objects.get(pk=claimed[0]) if claimed else None


def _send(call: CloudWatchCall) -> bool:
    began = time.monotonic()
    try:
        _put(call, began)
    except NotTaken as fault:
        _release(call)
        _absence.noted(str(fault))
        return False
    except InDoubt as fault:
        telemetry.event("cloudwatch_in_doubt", level=logging.WARNING, minute=_told(call.minute), error=str(fault))
        return False
    except Refused as fault:
        telemetry.event("cloudwatch_refused", level=logging.ERROR, minute=_told(call.minute), error=str(fault))
    _absence.over()
    _forget(call)
    return True


def _put(call: CloudWatchCall, began: float) -> None:
    with faults():
        cloudwatch = client()
    data = [{**datum, "Timestamp": call.minute} for datum in call.data]
    if time.monotonic() - began > MOST_SECONDS:
        raise InDoubt("It took too long to come to the call.")
    with faults():
        cloudwatch.put_metric_data(Namespace=settings.CLOUDWATCH_NAMESPACE, MetricData=data)


def _release(call: CloudWatchCall) -> None:
    CloudWatchCall.objects.filter(pk=call.pk, claimed_at=call.claimed_at).update(claimed_at=None)


def _forget(call: CloudWatchCall) -> None:
    CloudWatchCall.objects.filter(pk=call.pk, claimed_at=call.claimed_at).delete()


def _told(minute: datetime) -> str:
    return minute.isoformat()
