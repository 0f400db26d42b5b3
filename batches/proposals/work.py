"""Work on acceptances that are due, one batch after the other, until none is left or the shift is over."""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from batches.models import Acceptance
from batches.pipeline import database_fault, stop_sign
from batches.pipeline.new_connection import new_connection
from batches.pipeline.undisturbed import undisturbed
from batches.pipeline.work import SHIFT_SECONDS
from batches.proposals.accept_some import LeaseLost, accept_some
from batches.proposals.wake import wake_acceptances
from monitoring import telemetry
from monitoring.context import carrying

PAUSE_SECONDS = 10  # after a fault
# A single statement, as for chunks: a worker that is stopped while it claims must not keep the row locked.
CLAIM = """
    UPDATE batches_acceptance SET lease = lease + 1, leased_until = now() + make_interval(secs => %s)
    WHERE id = (
        SELECT id FROM batches_acceptance
        WHERE status = 'running' AND (leased_until IS NULL OR leased_until < now())
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, lease, encode(trace_id, 'hex')"""


def work_acceptances(seconds: float = SHIFT_SECONDS) -> int:
    """Work for about `seconds` and return how many proposals were tried. What is left gets a message of its own."""
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until and not stop_sign.shown() and (some := _work_on_next(until)) is not None:
        tried += some
    if tried:
        wake_acceptances()
    return tried


def _claim() -> tuple[int, int, str] | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [settings.LEASE_SECONDS])
        claimed: tuple[int, int, str] | None = cursor.fetchone()
    return claimed


def _work_on_next(until: float) -> int | None:
    """How many proposals of the next acceptance were tried; None when none is due."""
    claimed = None
    try:
        with undisturbed():
            claimed = _claim()
        return _work_on(*claimed, until) if claimed else None
    except (SystemExit, KeyboardInterrupt):
        new_connection()  # wherever the signal struck
        if claimed:
            _free(*claimed[:2])
        raise


def _work_on(acceptance: int, lease: int, trace_id: str, until: float) -> int:
    tried, pause = 0, timedelta(0)
    with carrying(acceptance=acceptance, trace_id=trace_id):
        try:
            while some := _accept_some(acceptance, lease, trace_id):
                tried += some
                if time.monotonic() >= until or stop_sign.shown():
                    break
        except LeaseLost:
            telemetry.event("lease_lost", lease=lease)
        except Exception as fault:
            telemetry.fault("acceptance_failed")
            connection.close()  # it may be the connection that failed
            pause = timedelta(seconds=PAUSE_SECONDS)
            _tell(acceptance, lease, _told(fault))
    _free(acceptance, lease, pause)
    return tried


def _free(acceptance: int, lease: int, pause: timedelta = timedelta(0)) -> None:
    """For the next worker: it need not wait for the lease to end."""
    Acceptance.objects.filter(pk=acceptance, lease=lease).update(leased_until=Now() + pause if pause else None)


def _accept_some(acceptance: int, lease: int, trace_id: str) -> int:
    with telemetry.span("accept", trace_id=trace_id, acceptance=acceptance):
        return accept_some(acceptance, lease)


def _tell(acceptance: int, lease: int, error: str) -> None:
    Acceptance.objects.filter(pk=acceptance, lease=lease).update(last_error=error[:2000])


def _told(fault: Exception) -> str:
    if isinstance(fault, (OperationalError, InterfaceError)):
        return database_fault.first_line(fault)
    return f"{type(fault).__name__}: {fault}"
