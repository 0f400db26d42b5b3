"""The dead man's ping: as long as alarms are evaluated, a service outside of here is told so, and misses it otherwise.

Asked once for each minute that was evaluated, by the evaluator that was first; outside of any transaction.
"""

from __future__ import annotations

import logging

from django.conf import settings

from monitoring import telemetry
from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.channels.public_address import Refused
from monitoring.channels.safe_request import safe_request
from monitoring.models import EvaluatorPass

SECONDS = 5


def ping(done: EvaluatorPass) -> None:
    """Never raises: that the service is away is said on the page of the rules, and changes nothing here."""
    if not settings.DEADMAN_URL:
        return
    done.pinged = _asked(settings.DEADMAN_URL)
    EvaluatorPass.objects.filter(pk=done.pk).update(pinged=done.pinged)


def _asked(url: str) -> str:
    # The address may hold a secret: neither it nor a fault that repeats it is written down.
    try:
        status = safe_request(url, method="GET", seconds=SECONDS).status
    except (Refused, NotTaken, Unsure) as fault:
        telemetry.event("deadman_not_pinged", level=logging.WARNING, error=type(fault).__name__)
        return f"not reached: {type(fault).__name__}"
    return "ok" if status < 400 else f"answered {status}"
