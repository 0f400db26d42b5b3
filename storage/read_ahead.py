"""The next blocks on their way while the present one is being worked on."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress

BLOCKS_AHEAD = 3


def read_ahead(blocks: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same blocks, fetched by a thread, up to BLOCKS_AHEAD of them early. Its exceptions are raised here.

    To be closed by whoever does not read to the end.
    """
    ready: queue.Queue[bytes | BaseException | None] = queue.Queue(BLOCKS_AHEAD)
    given_up = threading.Event()
    # In the reader's context: what is told of the reading belongs to its work.
    run = contextvars.copy_context().run
    thread = threading.Thread(target=run, args=(_fetch, blocks, ready, given_up), name="blocks", daemon=True)
    thread.start()
    try:
        while (block := ready.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
    finally:
        given_up.set()
        with suppress(queue.Empty):
            while True:  # room for the block it may be waiting to put
                ready.get_nowait()
        thread.join()


def _fetch(
    blocks: Iterator[bytes], ready: queue.Queue[bytes | BaseException | None], given_up: threading.Event
) -> None:
    try:
        for block in blocks:
            if given_up.is_set():
                return
            ready.put(block)
        ready.put(None)
    except BaseException as fault:
        ready.put(fault)
