"""While a chunk is worked on, its lease is renewed: a missed heartbeat, not age, is what a rescue looks for."""

from __future__ import annotations

import threading

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from batches.models import Chunk
from batches.pipeline.claim import Claim, lease_end
from batches.states import ChunkStatus
from monitoring import telemetry


class Heart:
    """Beats from when it is made until `stop`. Work that is quicker than the first beat opens no connection."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def renew(self) -> None:
        """Put the lease's end off, if it is still this process's."""
        raise NotImplementedError

    def _beat(self) -> None:
        try:
            while not self._done.wait(settings.LEASE_SECONDS / 6):
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            self.renew()
        except DatabaseError:
            # The database may be back before the lease ends; if not, the work is another's and the fence holds.
            telemetry.fault("heartbeat_failed")
            connection.close()


class Heartbeat(Heart):
    """A chunk's."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        super().__init__()

    def renew(self) -> None:
        claim = self._claim
        Chunk.objects.filter(pk=claim.chunk_id, lease=claim.lease, status=ChunkStatus.LEASED).update(
            leased_until=lease_end(), heartbeat_at=Now()
        )
