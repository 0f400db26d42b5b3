"""The engine with its results in S3: taken in by hand, swept, replaced, and read through a line that breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from batches.models import Job, ResultFile
from batches.pipeline.sweep import sweep
from storage.s3 import RangedS3Storage
from tests.builders import a_job, counts, ids, ids_of, ingested, landed, receipts, run_all, status_of, taken_in
from tests.contract.conftest import AWS
from tests.contract.s3 import proxy
from tests.integration.processes import manage, the_object

pytestmark = pytest.mark.django_db(transaction=True)


def use(settings: Settings, endpoint: str, bucket: str) -> None:
    options = {"bucket_name": bucket, "endpoint_url": endpoint, "region_name": "ap-northeast-1", "default_acl": None}
    backend = {"BACKEND": "storage.s3.RangedS3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


@pytest.fixture(autouse=True)
def _results_in_s3(settings: Settings, s3: RangedS3Storage, s3_endpoint: str) -> None:
    use(settings, s3_endpoint, s3.bucket_name)
    settings.CHUNK_BYTES = 10_000


def test_files_are_taken_in_and_swept() -> None:
    ingested(receipts(range(100)))
    landed("batch-output/job-1/night.jsonl.out", receipts(range(50, 150)))

    assert (sweep(), sweep()) == (1, 0)
    run_all()

    assert ids() == ids_of(range(150))
    assert counts() == {"inserted": 150, "unchanged": 50}


def test_a_replaced_object_fails_the_old_file_and_is_a_new_one() -> None:
    file = taken_in(receipts(range(100)))
    landed(file.key, receipts(range(5)))

    run_all()
    assert sweep() == 1
    run_all()

    assert list(ResultFile.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "finished"]
    assert ids() == ids_of(range(5))
    assert counts() == {"inserted": 5}


def test_an_object_emptied_under_our_hands_is_not_taken_for_read() -> None:
    file = taken_in(receipts(range(100)))
    landed(file.key, b"")

    run_all()

    file.refresh_from_db()
    assert (file.status, status_of()) == ("failed", "failed")
    assert counts() == {}


def test_a_line_that_breaks_costs_nothing(settings: Settings, s3: RangedS3Storage, s3_endpoint: str) -> None:
    taken_in(receipts(range(300)))
    with proxy(s3_endpoint) as between:
        use(settings, between.endpoint, s3.bucket_name)
        between.cuts = [3_000, 0, 9_000, 100]

        run_all()

    assert ids() == ids_of(range(300))
    assert counts() == {"inserted": 300}
    assert status_of() == "finished"


def test_two_jobs_with_the_same_manifest_both_get_it() -> None:
    """The same bytes have the same ETag, and still are two objects."""
    for job_id in ("job-1", "job-2"):
        a_job(job_id)
        landed(
            f"batch-output/{job_id}/manifest.json.out",
            b'{"totalRecordCount": 1, "successRecordCount": 1, "errorRecordCount": 0}',
        )
        sweep()

    assert not Job.objects.filter(manifest__isnull=True).exists()
    assert sweep() == 0


def test_ingest_by_address(environment: dict[str, str], s3: RangedS3Storage, s3_endpoint: str, tmp_path: Path) -> None:
    landed("batch-output/job-1/input.jsonl.out", receipts(range(30)))
    bucket = {
        **AWS,
        "STORAGE_BUCKET": s3.bucket_name,
        "STORAGE_ENDPOINT_URL": s3_endpoint,
        "STORAGE_REGION": "ap-northeast-1",
    }

    done = manage(
        environment | bucket, "ingest", f"s3://{s3.bucket_name}/batch-output/job-1/input.jsonl.out", "--wait", "--json"
    )

    assert done.returncode == 0, done.stderr
    result = the_object(done.stdout)
    assert (result["job"], result["inserted"]) == ("job-1", 30)
    assert ids() == ids_of(range(30))
