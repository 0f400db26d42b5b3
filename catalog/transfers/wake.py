"""Tell a worker that a transfer waits. Losing the message costs seconds, never a row: beat looks again."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from catalog.transfers.lease import waiting
from monitoring import telemetry

MOST_MESSAGES = 4


def wake_transfers() -> int:
    """A message for each transfer that nobody works on, and how many those were. Never raises."""
    number = waiting().order_by()[:MOST_MESSAGES].count()
    for _ in range(number):
        _send()
    return number


def _send() -> None:
    from catalog.tasks import transfer

    try:
        transfer.delay()
    except (OperationalError, OSError) as fault:
        telemetry.event("broker_away", level=logging.WARNING, error=str(fault))
    except Exception:
        # What the caller did is committed, and must not look as if it had failed.
        telemetry.fault("wake_refused")
