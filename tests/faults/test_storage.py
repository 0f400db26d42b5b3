"""Storage answers 503, does not answer, breaks off in the middle, or holds another object all of a sudden."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from batches import balance
from batches.models import Chunk, DeadLetter, Job, ResultFile
from batches.states import FileStatus
from tests.builders import JOB, a_job, ids
from tests.conftest import database_url
from tests.faults.faulty_s3 import BUCKET, SECRETS, FaultyS3, faulty_s3
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site

KEY = f"batch-output/{JOB}/results.jsonl"
ADDRESS = f"s3://{BUCKET}/{KEY}"


@pytest.fixture
def storage(site: Site) -> Iterator[FaultyS3]:
    with faulty_s3() as storage:
        site.environment |= SECRETS
        site.environment |= {
            "STORAGE_BUCKET": BUCKET,
            "STORAGE_ENDPOINT_URL": storage.url,
            "FAULTS_READ_TIMEOUT": "1",
        }
        yield storage
        site.end()


@pytest.mark.parametrize("fault", ["503", "truncate", "stall"])
def test_a_fault_that_passes_costs_nothing(site: Site, storage: FaultyS3, fault: str) -> None:
    night = a_night()
    storage.put(KEY, night.content)
    _ingest(site)
    storage.faults = [fault] * 3

    site.worker()
    site.await_rest()

    assert storage.faults == []
    assert storage.stalled.is_set() == (fault == "stall")
    assert_exact(database_url(), night)
    assert set(Chunk.objects.values_list("attempts", flat=True)) == {1}


def test_an_object_that_changes_between_two_chunks(site: Site, storage: FaultyS3) -> None:
    before, after = a_night(), a_night(lines=310)
    storage.put(KEY, before.content)
    _ingest(site)
    site.failpoints.arm("before_claim", "hold")
    site.failpoints.arm("after_commit", "hold")
    site.worker(concurrency=1)
    site.failpoints.release("before_claim")
    site.await_point("after_commit")

    storage.put(KEY, after.content)
    site.failpoints.release("after_commit")
    site.await_rest()

    # What was counted before stays counted, with its rows; nothing of the new object was taken for the old one.
    file, job = ResultFile.objects.get(), Job.objects.get()
    assert (file.status, [letter.code for letter in DeadLetter.objects.filter(kind="file")]) == (
        FileStatus.FAILED,
        ["file_replaced"],
    )
    told = balance.of_job(job.pk)
    assert told.holds
    assert 0 < told.inserted == len(ids()) < len(before.amounts)
    assert told.unread > 0

    # The new object is a file of its own, and completes the job.
    _ingest(site)
    site.await_rest()
    assert ids() == set(after.amounts)
    [second] = balance.of_files([ResultFile.objects.latest("pk").pk]).values()
    assert (second.read, second.inserted + second.unchanged) == (310, len(after.amounts))


def _ingest(site: Site) -> None:
    a_job()
    command = site.manage("ingest", ADDRESS, f"--job={JOB}")
    command.await_end()
    assert ResultFile.objects.exists(), command.output()
