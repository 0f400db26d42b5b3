"""Take a redrive that is due: leased to this process, under the next lease number.

The lease is held over several batches, kept alive by a heart, and checked again in the transaction of each batch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from batches.models import Redrive
from batches.pipeline.claim import lease_end
from batches.pipeline.heartbeat import Heart
from batches.pipeline.recover import end_connection
from batches.states import RedriveStatus

# A single statement, as for chunks: a worker that is stopped while it claims must not keep the row locked.
CLAIM = """
    UPDATE batches_redrive SET lease = lease + 1, leased_until = now() + make_interval(secs => %s)
    WHERE id = (
        SELECT id FROM batches_redrive
        WHERE status = 'running' AND next_at <= now() AND (leased_until IS NULL OR leased_until < now())
        ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, lease"""


class LeaseLost(Exception):
    """The redrive is another worker's by now, or does not run any more. Nothing was changed."""

    expected = True  # no failure of the step it ends


class RedriveClaim(NamedTuple):
    redrive_id: int
    lease: int

    @property
    def application_name(self) -> str:
        """How the writing connection calls itself, so that whoever takes the lease over can end it."""
        return f"nightshelf redrive {self.redrive_id} lease {self.lease}"


class RedriveHeart(Heart):
    def __init__(self, claim: RedriveClaim) -> None:
        self._claim = claim
        super().__init__()

    def renew(self) -> None:
        Redrive.objects.filter(pk=self._claim.redrive_id, lease=self._claim.lease, leased_until__isnull=False).update(
            leased_until=lease_end()
        )


def claim_redrive() -> RedriveClaim | None:
    """The redrive that has been due for longest, or None. One whose worker died is due again when its lease ends."""
    _end_sleepers()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [settings.LEASE_SECONDS])
        claimed = cursor.fetchone()
    return RedriveClaim(*claimed) if claimed else None


def _end_sleepers() -> None:
    """A worker that is stopped in the middle of its transaction keeps its locks, the redrive's row perhaps among them,
    so that nobody could claim it: its connection is ended first.
    """
    left = Redrive.objects.filter(status=RedriveStatus.RUNNING, leased_until__lt=Now())
    for redrive_id, lease in left.values_list("pk", "lease"):
        end_connection(RedriveClaim(redrive_id, lease).application_name)


def mine(claim: RedriveClaim) -> QuerySet[Redrive]:
    """The redrive, as long as the lease is valid and it runs."""
    return Redrive.objects.filter(pk=claim.redrive_id, lease=claim.lease, status=RedriveStatus.RUNNING)


def release(claim: RedriveClaim) -> None:
    """Nobody's any more: the next worker need not wait for the lease to end."""
    Redrive.objects.filter(pk=claim.redrive_id, lease=claim.lease).update(leased_until=None)


def wait_out(claim: RedriveClaim, error: str, seconds: int) -> None:
    """Storage or the database is away: nobody tries for a while, and the redrive says why."""
    mine(claim).update(last_error=error, next_at=Now() + timedelta(seconds=seconds))
