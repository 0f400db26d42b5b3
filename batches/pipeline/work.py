"""Work on chunks until none is left.

While one chunk is being written, which is mostly waiting for the database, the next is claimed, read and decoded in a
second thread: storage, decoding and writing overlap within one process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial

from django.db import connection

from batches.models import Chunk
from batches.pipeline import stop_sign
from batches.pipeline.bring_in import bring_in
from batches.pipeline.claim import Claim
from batches.pipeline.hand_back import hand_back
from batches.pipeline.new_connection import new_connection
from batches.pipeline.prepare import Prepared, prepare, prepare_next
from batches.pipeline.undisturbed import undisturbed
from batches.pipeline.wake import wake_workers
from batches.states import ChunkStatus

# Short enough that a worker asked to stop has stopped within a deploy's patience, long enough to pay for the message.
SHIFT_SECONDS = 5.0


def work(seconds: float = SHIFT_SECONDS) -> int:
    """Work on chunks for about `seconds`, and return how many. What is left then gets a message of its own."""
    until, done = time.monotonic() + seconds, 0
    with _read_ahead(until) as chunks:
        for prepared in chunks:
            bring_in(prepared)
            done += 1
    if time.monotonic() >= until or stop_sign.shown():
        wake_workers(Chunk.objects.filter(status=ChunkStatus.PENDING)[:1].count())
    return done


def work_on(claim: Claim) -> None:
    """One claimed chunk, without reading ahead."""
    bring_in(prepare(claim))


@contextmanager
def _read_ahead(until: float) -> Iterator[Iterator[Prepared]]:
    """Prepared chunks, the next one always on its way, none begun after `until` (time.monotonic()).

    A suspect has the process to itself: what kills it must not take the attempts of a chunk that did nothing wrong.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        waiting: list[Future[Prepared | None]] = []

        def begin(*, suspects: bool) -> None:
            if time.monotonic() < until and not stop_sign.shown():
                # In the task's context: its span is what the chunk's links to.
                prepare = partial(copy_context().run, prepare_next, suspects=suspects)
                with undisturbed():
                    waiting.append(reader.submit(prepare))

        def chunks() -> Iterator[Prepared]:
            begin(suspects=True)
            while waiting and (prepared := waiting[0].result()):
                if not prepared.claim.suspect:
                    begin(suspects=False)
                yield prepared
                # Only now: a signal that comes between these lines must not lose the chunk.
                del waiting[0]
                if not (waiting and waiting[0].result()):
                    waiting.clear()
                    begin(suspects=True)

        try:
            yield chunks()
        except (SystemExit, KeyboardInterrupt):
            new_connection()  # wherever the signal struck
            raise
        finally:
            # Left early: what is on its way is given back, or its heart would beat on with nobody to write it. What was
            # being brought in is among it, and has perhaps been given back already.
            left = [future.result() for future in waiting if future.exception() is None]
            reader.submit(_close_connection).result()
            _give_back([prepared for prepared in left if prepared])


def _give_back(left: list[Prepared]) -> None:
    # All hearts first: with the database away the first one cannot be given back, and no other would be stopped.
    for prepared in left:
        prepared.close()
        prepared.step.end()
    for prepared in left:
        hand_back(prepared.claim.chunk_id, prepared.claim.lease, "Not begun.", passing=True, at_once=True)


def _close_connection() -> None:
    # `connection` is another one in each thread: it has to be looked up in the thread it is to be closed in.
    connection.close()
