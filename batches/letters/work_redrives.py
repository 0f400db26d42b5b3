"""Work on redrives that are due, one batch after the other, until none is left or the shift is over."""

from __future__ import annotations

import time

from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from batches.letters.advance import advance
from batches.letters.claim_redrive import (
    LeaseLost,
    RedriveClaim,
    RedriveHeart,
    claim_redrive,
    mine,
    release,
    wait_out,
)
from batches.letters.in_traces import in_traces
from batches.letters.next_batch import give_back, keep_fault, next_batch
from batches.letters.wake_redrives import wake_redrives
from batches.models import Redrive, RedriveItem
from batches.pipeline import database_fault, stop_sign
from batches.pipeline.new_connection import new_connection
from batches.pipeline.undisturbed import undisturbed
from batches.pipeline.work import SHIFT_SECONDS
from monitoring import telemetry
from monitoring.context import carrying
from storage.port import StorageAway

PAUSE_SECONDS = 30  # when storage or the database is away


def work_redrives(seconds: float = SHIFT_SECONDS) -> int:
    """Work for about `seconds` and return how many letters were tried. What is due then gets a message of its own."""
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until and not stop_sign.shown() and (some := _work_on_next(until)) is not None:
        tried += some
    # Not when there was nothing to do: what others hold would be asked for again and again.
    if tried:
        wake_redrives()
    return tried


def _work_on_next(until: float) -> int | None:
    """How many letters of the next redrive were tried; None when none is due."""
    claim, heart = None, None
    try:
        with undisturbed():
            if claim := claim_redrive():
                heart = RedriveHeart(claim)
        return _work_on(claim, until) if claim else None
    except (SystemExit, KeyboardInterrupt):
        new_connection()  # wherever the signal struck
        raise
    finally:
        if heart:
            heart.stop()
        if claim:
            release(claim)


def _work_on(claim: RedriveClaim, until: float) -> int:
    """Batches of one redrive, until it is over, not due for a while, or others should have their turn."""
    tried = 0
    try:
        while (redrive := _due(claim)) is not None:
            with carrying(redrive=redrive.pk, trace_id=redrive.trace_id):
                tried += _advance(claim, redrive)
            if time.monotonic() >= until or stop_sign.shown():
                break
    except LeaseLost:
        telemetry.event("lease_lost", redrive=claim.redrive_id, lease=claim.lease)
    return tried


def _due(claim: RedriveClaim) -> Redrive | None:
    return mine(claim).filter(next_at__lte=Now()).select_related("rule").first()


def _advance(claim: RedriveClaim, redrive: Redrive) -> int:
    """A batch, to whatever end. What passes is waited out; a surprise has used up a try of these letters."""
    items = next_batch(claim, redrive)
    try:
        with in_traces(redrive, items):
            advance(claim, redrive, items)
    except LeaseLost:
        raise
    except StorageAway as fault:
        _wait_out(claim, items, str(fault), PAUSE_SECONDS)
    except (OperationalError, InterfaceError) as fault:
        telemetry.fault("database_fault")
        connection.close()
        _wait_out(claim, items, database_fault.first_line(fault), 1)
    except Exception as fault:
        telemetry.fault("redrive_failed")
        connection.close()  # it may be the connection that failed
        keep_fault(claim, items, f"{type(fault).__name__}: {fault}")
        wait_out(claim, f"{type(fault).__name__}: {fault}", 1)
    return len(items)


def _wait_out(claim: RedriveClaim, items: list[RedriveItem], error: str, seconds: int) -> None:
    give_back(claim, items)
    wait_out(claim, error, seconds)
