"""The same thing more than once, at once: a record, an event, a file, an operator."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from batches.models import Chunk
from batches.pipeline.receive import receive
from batches.states import ChunkStatus
from storage import result_storage
from tests.builders import JOB, a_job, landed, taken_in
from tests.conftest import database_url
from tests.faults.night import Night, a_night, assert_exact
from tests.faults.site import Site

TWICE = 3, 250  # places in the file, far apart: two chunks
EVENTS = 50


def a_night_with_a_record_twice() -> Night:
    first, second = TWICE
    lines = [(number, True) for number in range(300)]
    lines[second] = lines[first]
    return Night(lines, JOB, {first: 111, second: 222})


def test_the_later_line_wins_when_its_chunk_commits_last(site: Site) -> None:
    night = a_night_with_a_record_twice()
    taken_in(night.content)

    site.worker(concurrency=1)
    site.await_rest()

    assert_exact(database_url(), night)


@pytest.mark.parametrize("step", ["before_write", "after_copy"])
def test_the_later_line_wins_when_its_chunk_commits_first(site: Site, step: str) -> None:
    night = a_night_with_a_record_twice()
    file = taken_in(night.content)
    site.failpoints.arm(step, "hold")  # the first chunk comes by first
    site.worker(concurrency=1)
    site.await_point(step)

    site.worker(concurrency=1)
    site.await_(lambda: _later_is_written_or_waits(file.pk), "the later line", look=True)
    site.failpoints.release(step)
    site.await_rest()

    assert_exact(database_url(), night)


def test_an_event_fifty_times_at_once(site: Site) -> None:
    night = a_night()
    a_job()
    landed(f"batch-output/{JOB}/results.jsonl", night.content)
    barrier = threading.Barrier(EVENTS)
    bucket = result_storage().bucket_name

    def deliver(_: int) -> int:
        barrier.wait()
        try:
            return receive(bucket, f"batch-output/{JOB}/results.jsonl", door="event").pk  # type: ignore[union-attr]
        finally:
            connection.close()

    with ThreadPoolExecutor(EVENTS) as pool:
        assert len(set(pool.map(deliver, range(EVENTS)))) == 1
    site.worker()
    site.await_rest()

    assert_exact(database_url(), night)


def test_the_same_file_under_two_jobs(site: Site) -> None:
    nights = a_night("job-1"), a_night("job-2")
    for night in nights:
        taken_in(night.content, job=a_job(night.job, intent_id=night.job))

    site.worker()
    site.await_rest()

    assert_exact(database_url(), *nights)


def test_two_operators_start_the_same_ingest(site: Site, tmp_path: Path) -> None:
    night = a_night()
    results = tmp_path / "results.jsonl"
    results.write_bytes(night.content)
    site.worker()

    operators = [site.manage("ingest", str(results), f"--job={night.job}") for _ in range(2)]
    for operator in operators:
        operator.await_end()
    site.await_rest()

    assert all("300 read" in operator.output() or "pending" in operator.output() for operator in operators)
    assert_exact(database_url(), night)


def _later_is_written_or_waits(file_id: int) -> bool:
    """The later line's chunk has committed; or it waits for the earlier one, whose row is written but not committed."""
    done = Chunk.objects.filter(file=file_id, status=ChunkStatus.DONE).count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return done >= 8 or cursor.fetchone()[0] > 0
