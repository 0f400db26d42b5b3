"""Who works on a transfer: one at a time, under a lease that is kept alive by a heart.

As a chunk's of the engine: a claim is one conditional UPDATE, each transaction asks for its lease number once more, and
only missed heartbeats make it somebody else's.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from catalog.models import Transfer, TransferStatus
from monitoring import telemetry

AT_WORK = (TransferStatus.CHECKING, TransferStatus.RUNNING)
BEAT_SECONDS = 1.0  # how often a page sees how far it is
# One statement, and so one transaction that the server ends by itself, whatever becomes of the process.
CLAIM = """
    UPDATE catalog_transfer SET lease = lease + 1, attempts = attempts + 1,
        leased_until = now() + make_interval(secs => %s)
    WHERE id = (
        SELECT id FROM catalog_transfer
        WHERE status IN ('checking', 'running') AND (leased_until IS NULL OR leased_until < now())
            AND (%s::bigint IS NULL OR id = %s)
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, lease, attempts"""
END_SLEEPER = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = %s AND datname = current_database() AND pid <> pg_backend_pid()"
)


class LeaseLost(Exception):
    """It is another worker's by now, or was cancelled. Nothing was changed."""


class Claim(NamedTuple):
    transfer_id: int
    lease: int
    attempts: int

    @property
    def application_name(self) -> str:
        """How the writing connection calls itself, so that whoever takes over can end it."""
        return f"nightshelf transfer {self.transfer_id} lease {self.lease}"


def claim_transfer(transfer_id: int | None = None) -> Claim | None:
    """The one that waits for longest, or the one named; None when there is nothing to do, or somebody does it."""
    _end_sleepers()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [settings.LEASE_SECONDS, transfer_id, transfer_id])
        claimed = cursor.fetchone()
    return Claim(*claimed) if claimed else None


def waiting() -> QuerySet[Transfer]:
    """Transfers that a worker could go on with now."""
    at_work = Transfer.objects.filter(status__in=AT_WORK)
    return at_work.filter(leased_until__isnull=True) | at_work.filter(leased_until__lt=Now())


def mine(claim: Claim) -> QuerySet[Transfer]:
    return Transfer.objects.filter(pk=claim.transfer_id, lease=claim.lease, status__in=AT_WORK)


def settle(claim: Claim, **changes: Any) -> None:
    """Change the transfer under its lease; LeaseLost. At the end of a transaction, which is rolled back with it."""
    if not mine(claim).update(**changes):
        raise LeaseLost(f"Lease {claim.lease} of transfer {claim.transfer_id} is not valid any more.")


def lease_end() -> Any:
    """By the database's clock, the only one that all share."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def name_connection(claim: Claim) -> None:
    """Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [claim.application_name])


class Heart:
    """Beats from when it is made until `stop`, by a connection of its own. Work quicker than a beat opens none."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._done: int | None = None
        self._over, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name="transfer-heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def show(self, done: int) -> None:
        """How far work is that commits nothing before its end: shown, never gone on from."""
        self._done = done

    def check(self) -> None:
        """LeaseLost, where there is still much to be done in vain."""
        if self._lost.is_set():
            raise LeaseLost(f"Lease {self._claim.lease} of transfer {self._claim.transfer_id} is not valid any more.")

    def _beat(self) -> None:
        try:
            while not self._over.wait(min(BEAT_SECONDS, settings.LEASE_SECONDS / 6)):
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        shown = {} if self._done is None else {"done": self._done}
        try:
            if not mine(self._claim).update(leased_until=lease_end(), **shown):
                self._lost.set()
        except DatabaseError:
            # The database may be back before the lease ends; if not, the work is another's and the fence holds.
            telemetry.fault("heartbeat_failed")
            connection.close()


def _end_sleepers() -> None:
    """A worker that is stopped in the middle of a transaction keeps products locked: its connection is ended."""
    left = Transfer.objects.filter(status__in=AT_WORK, leased_until__lt=Now()).values_list("pk", "lease")
    for transfer_id, lease in left:
        with connection.cursor() as cursor:
            cursor.execute(END_SLEEPER, [Claim(transfer_id, lease, 0).application_name])
