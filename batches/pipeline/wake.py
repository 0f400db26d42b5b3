"""Tell the workers that there is work. Losing the message costs time, never work: `recover` looks as well."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from kombu.exceptions import OperationalError

from monitoring import telemetry

MOST_MESSAGES = 16


def wake_workers(chunks: int) -> None:
    """One message for each worker that could help, up to a bound: each goes on until nothing is left."""
    from batches.tasks import work

    send(work, chunks)


def send(task: Any, messages: int) -> None:
    """So many wake-ups, up to a bound. Never raises: a broker that is away is told of, and found again."""
    send_each(task, [{}] * min(messages, MOST_MESSAGES))


def send_each(task: Any, wanted: Iterable[dict[str, Any]]) -> None:
    """A message with each of these arguments. Never raises."""
    try:
        for arguments in wanted:
            task.delay(**arguments)
    except (OperationalError, OSError) as fault:
        telemetry.event("broker_away", level=logging.WARNING, error=str(fault))
    except Exception:
        # A broker that answers and refuses (a wrong password, a lost quorum) has errors of its own for each kind. What
        # the caller did is committed: it must not look as if it had failed.
        telemetry.fault("wake_refused")
