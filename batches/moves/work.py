"""Move images until none is left to be moved.

Batch by batch, many images at once: while one batch is recorded and its sources are deleted, the next one's images are
being copied, so storage never waits for the database. Threads talk to storage only; the main thread to the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import NamedTuple

from django.conf import settings

from batches.moves.claim import Batch, claim_batch, release
from batches.moves.copy import Copied, NotCopied, copy_image
from batches.moves.delete import delete_sources
from batches.moves.fail import fail_images
from batches.moves.heartbeat import BatchHeart
from batches.moves.record import record_copied, record_moved, record_uncleaned
from batches.moves.start import files_to_start, start_file
from batches.moves.steps import Steps
from batches.moves.store_letters import store_letters
from batches.moves.wake import wake_movers
from batches.pipeline import stop_sign
from batches.pipeline.new_connection import new_connection
from batches.pipeline.undisturbed import undisturbed
from monitoring import telemetry
from storage import result_storage
from storage.port import ResultStorage, StorageFault

SHIFT_SECONDS = 5.0
Outcome = Copied | NotCopied


class Begun(NamedTuple):
    """A batch whose images are being copied. Its heart beats until it is settled or given back."""

    batch: Batch
    outcomes: list[Future[Outcome]]
    heartbeat: BatchHeart
    at: float  # time.monotonic()
    steps: Steps


def move(seconds: float = SHIFT_SECONDS) -> int:
    """Move images for about `seconds`, and return how many were. What is left then gets a message of its own."""
    until, moved = time.monotonic() + seconds, 0
    for file_id in files_to_start():
        start_file(file_id)
    storages: dict[str, ResultStorage] = {}
    with _begun(until, storages) as batches:
        for begun in batches:
            with begun.steps.inside():
                moved += _settle(begun, storages)
            begun.steps.end()
    store_letters()
    if time.monotonic() >= until or stop_sign.shown():
        wake_movers()
    return moved


@contextmanager
def _begun(until: float, storages: dict[str, ResultStorage]) -> Iterator[Iterator[Begun]]:
    """Batches under way, the next one always behind the one that is handed out; none is begun after `until`."""
    with ThreadPoolExecutor(settings.MOVE_THREADS, thread_name_prefix="move") as pool:
        waiting: list[Begun] = []

        def begin() -> None:
            if time.monotonic() >= until or stop_sign.shown():
                return
            with undisturbed():
                if batch := claim_batch():
                    waiting.append(_begin(batch, pool, storages))

        def batches() -> Iterator[Begun]:
            begin()
            while waiting:
                begin()
                yield waiting[0]
                waiting[0].heartbeat.stop()
                del waiting[0]

        try:
            yield batches()
        except (SystemExit, KeyboardInterrupt):
            new_connection()  # wherever the signal struck
            raise
        finally:
            # Left early: what nobody will settle is given back. No heart may beat on for it.
            for begun in waiting:
                _cancel(begun)
            for begun in waiting:
                _end(begun)
            for begun in waiting:
                release(begun.batch.lease, [image.pk for image in begun.batch.images])


def _begin(batch: Batch, pool: ThreadPoolExecutor, storages: dict[str, ResultStorage]) -> Begun:
    for image in batch.images:
        if image.bucket not in storages:
            storages[image.bucket] = result_storage(image.bucket)
    heartbeat = BatchHeart(batch)
    steps = Steps(batch.images)
    outcomes = [pool.submit(steps.around(copy_image, image), storages[image.bucket], image) for image in batch.images]
    return Begun(batch, outcomes, heartbeat, time.monotonic(), steps)


def _settle(begun: Begun, storages: dict[str, ResultStorage]) -> int:
    """Record the copies, delete their sources, record that. Killed anywhere between, the next worker goes on there."""
    lease, outcomes = begun.batch.lease, [future.result() for future in begun.outcomes]
    copies = record_copied(lease, [outcome for outcome in outcomes if isinstance(outcome, Copied)])
    faults = delete_sources(copies, storages)
    moved = record_moved(lease, [copied for copied in copies if copied.image.pk not in faults])
    failed = [outcome for outcome in outcomes if isinstance(outcome, NotCopied)]
    _record_faults(begun, copies, faults, failed)
    begun.steps.fail({outcome.image.job_pk: outcome.code for outcome in failed})
    telemetry.event(
        "images_moved", images=moved, failed=len(failed), uncleaned=len(faults),
        seconds=round(time.monotonic() - begun.at, 3),
    )  # fmt: skip
    return moved


def _record_faults(
    begun: Begun, copies: list[Copied], faults: dict[int, StorageFault], failed: list[NotCopied]
) -> None:
    # An image that was copied before keeps its copy, whatever storage says of it now: its source is what is left.
    for outcome in failed:
        if outcome.image.copied:
            copies.append(Copied(outcome.image, "", 0))
            faults[outcome.image.pk] = _Kept(outcome)
    if faults:
        record_uncleaned(begun.batch.lease, copies, faults)
    if lost := [outcome for outcome in failed if not outcome.image.copied]:
        fail_images(begun.batch.lease, lost)


class _Kept(StorageFault):
    def __init__(self, outcome: NotCopied) -> None:
        super().__init__(outcome.error)
        self.code = outcome.code


def _cancel(begun: Begun) -> None:
    for future in begun.outcomes:
        future.cancel()


def _end(begun: Begun) -> None:
    wait(begun.outcomes)  # nobody else may copy an image that is being copied here
    begun.heartbeat.stop()
    begun.steps.end()
