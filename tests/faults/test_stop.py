"""A deploy: work in hand is finished or handed back, and no lease waits for its timeout."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest

from batches.models import Chunk
from batches.states import ChunkStatus
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Process, Site

# A container's supervisor signals the worker; systemd by default all processes of the service.
WAYS: dict[str, Callable[[Process], None]] = {
    "worker": lambda worker: os.kill(worker.pid, signal.SIGTERM),
    "worker and children": lambda worker: os.killpg(worker.pid, signal.SIGTERM),
    "cold": lambda worker: os.kill(worker.pid, signal.SIGQUIT),
}
SHUTTING_DOWN = ("shutdown (MainProcess)", "Hitting Ctrl+C again")  # warm, cold


@pytest.mark.parametrize("step", ["mid_parse", "after_copy"])
@pytest.mark.parametrize("way", WAYS)
def test_a_stopped_worker_leaves_no_lease_behind(site: Site, way: str, step: str) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm(step, "hold")
    first = site.worker()
    site.await_point(step)

    WAYS[way](first)
    _await_shutdown(site, first)
    site.failpoints.release(step)
    first.await_end()

    assert not Chunk.objects.filter(status=ChunkStatus.LEASED).exists()
    site.worker()
    site.await_rest()
    assert_exact(database_url(), night)
    # Nothing was taken away from a dead worker: that would have used up an attempt.
    assert set(Chunk.objects.values_list("attempts", flat=True)) == {1}


def test_a_child_that_is_told_to_end_twice_hands_its_chunk_back_first(site: Site) -> None:
    """As in a cold shutdown, whose second signal comes milliseconds after the first."""
    taken_in(a_night().content)
    for step in ("after_copy", "mid_hand_back"):
        site.failpoints.arm(step, "hold")
    worker = site.worker(concurrency=1)
    child = site.await_point("after_copy")

    os.killpg(worker.pid, signal.SIGTERM)
    assert site.await_point("mid_hand_back") == child
    os.kill(child, signal.SIGTERM)
    site.failpoints.release("mid_hand_back")
    worker.await_end()

    assert not Chunk.objects.filter(status=ChunkStatus.LEASED).exists()


def test_a_stopped_worker_does_not_begin_what_is_left(site: Site) -> None:
    taken_in(a_night(lines=1000).content)
    site.failpoints.arm("before_write", "hold")
    first = site.worker(concurrency=1)
    site.await_point("before_write")

    site.failpoints.arm("stop_shown", "note")
    first.signal(signal.SIGTERM)
    site.await_point("stop_shown")
    site.failpoints.release("before_write")
    first.await_end()

    # The one in hand, and the one read ahead.
    assert Chunk.objects.filter(status=ChunkStatus.DONE).count() == 2


def test_a_long_compressed_file_is_handed_back_in_the_middle(site: Site) -> None:
    night = replace(a_night(), compressed=True)
    taken_in(night.content, name="results.jsonl.gz")
    site.failpoints.arm("mid_parse", "hold")
    first = site.worker(FAULTS_BATCH_LINES="10")
    site.await_point("mid_parse")

    site.failpoints.arm("stop_shown", "note")
    first.signal(signal.SIGTERM)
    site.await_point("stop_shown")
    site.failpoints.release("mid_parse")
    first.await_end()

    chunk = Chunk.objects.get()
    assert (chunk.status, chunk.attempts) == (ChunkStatus.PENDING, 0)
    site.worker()
    site.await_rest()
    assert_exact(database_url(), night)


def _await_shutdown(site: Site, worker: Process) -> None:
    site.await_(lambda: any(words in worker.output() for words in SHUTTING_DOWN), "the shutdown")
