"""While a batch is worked on, its lease is renewed: a missed heartbeat, not age, makes it somebody else's."""

from __future__ import annotations

from batches.moves.claim import Batch, renew
from batches.pipeline.heartbeat import Heart


class BatchHeart(Heart):
    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        super().__init__()

    def renew(self) -> None:
        renew(self._batch.lease, [image.pk for image in self._batch.images])
