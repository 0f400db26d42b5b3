"""Once more when PostgreSQL ended a transaction so that others could go on: a deadlock, or a failed serialization."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

from monitoring import telemetry

Result = TypeVar("Result")

TRIES = 6
ENDED_FOR_OTHERS = ("40001", "40P01")


def retrying(work: Callable[[bool], Result]) -> Result:
    """`work(own)`, a few times if need be; `own`: no transaction is open, so `work` opens one.

    Inside a caller's transaction once only: that transaction is lost, and only its owner knows what was in it.
    """
    if connection.in_atomic_block:
        return work(False)
    for attempt in range(1, TRIES):
        try:
            return work(True)
        except OperationalError as fault:
            if state_of(fault) not in ENDED_FOR_OTHERS:
                raise
            telemetry.event("stock_posting_retried", attempt=attempt, sqlstate=state_of(fault))
        # Of different length for each, so that the same ones do not meet again.
        time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311 - no secret
    return work(True)


def state_of(fault: BaseException) -> str | None:
    return getattr(fault.__cause__, "sqlstate", None)
