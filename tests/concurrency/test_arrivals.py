"""The same event, the same upload, the same command many times at once: taken in once."""

from __future__ import annotations

from io import BytesIO

import pytest

from batches.models import Chunk, DeadLetter, Job, ResultFile
from batches.pipeline.manifest import read_manifest
from batches.pipeline.open_job import Refused, open_job
from batches.pipeline.receive import receive
from batches.pipeline.sweep import sweep
from batches.pipeline.take_in import take_in
from storage import result_storage
from tests.builders import USER, a_job, counts, ids, ids_of, landed, receipts, run_all, status_of
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "batch-output/job-1/results.jsonl"


def test_one_event_fifty_times_at_once_is_one_file() -> None:
    a_job()
    landed(KEY, receipts(range(5)))

    found = race([lambda: receive("local", KEY, door="event")] * 50)

    assert len({file.pk for file in found if file}) == 1
    assert ResultFile.objects.count() == Chunk.objects.count() == 1
    run_all()
    assert counts() == {"inserted": 5}


@pytest.mark.parametrize("key", ["batch-output/nobodys/results.jsonl", "elsewhere/results.jsonl"])
def test_one_event_that_cannot_be_placed_is_one_letter(key: str) -> None:
    landed(key, receipts([1]))

    race([lambda: receive("local", key, door="event")] * 10)

    assert DeadLetter.objects.count() == 1


def test_event_and_sweep_at_once_are_one_file() -> None:
    a_job()
    landed(KEY, receipts(range(5)))

    race([sweep, sweep, lambda: receive("local", KEY, door="event")])

    assert ResultFile.objects.count() == 1


def test_a_job_opened_many_times_at_once_is_one_job() -> None:
    jobs = race([lambda: open_job("job-1", kind="receipts", user_id=USER, intent_id="intent-1")] * 10)

    assert len({job.pk for job in jobs}) == Job.objects.count() == 1


def test_one_intent_for_two_jobs_at_once_is_refused_to_one() -> None:
    def opened(job_id: str) -> str:
        try:
            return open_job(job_id, kind="receipts", user_id=USER, intent_id="intent-1").job_id
        except Refused as refused:
            return str(refused)

    told = race([lambda: opened("job-1"), lambda: opened("job-2")])

    assert sorted(told)[0] == "Intent 'intent-1' already belongs to another job."
    assert Job.objects.count() == 1


def test_the_same_bytes_uploaded_many_times_at_once_are_one_file() -> None:
    """Each writes the object; none may pull it from under another that is being read."""
    job = a_job()
    content = receipts(range(2000))

    files = race([lambda: take_in(job, "results.jsonl", BytesIO(content), door="upload")] * 8)
    run_all()

    assert len({file.pk for file in files}) == ResultFile.objects.count() == 1
    assert ids() == ids_of(range(2000))
    assert status_of() == "finished"


def test_a_manifest_read_many_times_at_once_is_kept_once() -> None:
    job = a_job()
    key = "batch-output/job-1/manifest.json.out"
    landed(key, b'{"totalRecordCount": 3, "successRecordCount": 2, "errorRecordCount": 1}')
    version = result_storage().stat(key).version

    race([lambda: read_manifest(job, "local", key, version)] * 6)

    job.refresh_from_db()
    assert job.manifest is not None
    assert job.manifest["totalRecordCount"] == 3
