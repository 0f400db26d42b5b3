"""While a batch is worked on, its lease is renewed: a missed heartbeat, not age, makes it somebody else's."""

from __future__ import annotations

import threading

from django.conf import settings
from django.db import DatabaseError, connection

from batches.moves.claim import Batch, renew
from monitoring import telemetry


class Heartbeat:
    """Beats from when it is made until `stop`. A batch that is quicker than the first beat opens no connection."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="move-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._done.wait(settings.LEASE_SECONDS / 6):
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            renew(self._batch.lease, [image.pk for image in self._batch.images])
        except DatabaseError:
            # The database may be back before the lease ends; if not, the batch is another's and the fence holds.
            telemetry.fault("move_heartbeat_failed", images=len(self._batch.images))
            connection.close()
