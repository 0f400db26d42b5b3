"""Upload by hand: validated with sentences, received once, and the person is taken to the job."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from batches.models import Job, ResultFile, Transaction
from tests.builders import a_job, receipts, run_all
from tests.integration.pages import MARKS, page, signed_in, text_of

pytestmark = MARKS


def sent(client: Client, content: bytes, name: str = "results.jsonl", *, script: bool = False, **more: str) -> Any:
    data = {"file": SimpleUploadedFile(name, content), "kind": "receipts", "user_id": "user-1", **more}
    headers = {"X-Requested-With": "XMLHttpRequest"} if script else {}
    return client.post(reverse("admin:batches_upload"), data, headers=headers)


def errors_of(response: HttpResponse) -> str:
    assert response.status_code == 422
    return text_of(response)


@pytest.mark.parametrize(
    ("name", "packed"), [("r.jsonl", False), ("r.jsonl.out", False), ("r.jsonl.gz", True), ("r.jsonl.gz.out", True)]
)
def test_file_goes_in_and_leads_to_its_job(admin_client: Client, name: str, packed: bool) -> None:
    content = receipts(range(3))
    response = sent(admin_client, gzip.compress(content) if packed else content, name, job_id="night-1")
    job = Job.objects.get(job_id="night-1")
    assert response.url == page("job", job.pk)
    run_all()
    assert Transaction.objects.filter(job=job).count() == 3
    assert job.files.get().door == "upload"


def test_second_time_changes_nothing(admin_client: Client) -> None:
    first, second = sent(admin_client, receipts([1])), sent(admin_client, receipts([1]), "other name.jsonl")
    assert first.url == second.url
    assert Job.objects.get().job_id.startswith("file-")
    again = sent(admin_client, receipts([1]))
    assert again.url == first.url
    assert ResultFile.objects.filter(key__endswith="-results.jsonl").count() == 1


def test_script_gets_the_address_and_the_errors(admin_client: Client) -> None:
    assert sent(admin_client, receipts([1]), script=True, job_id="night-1").json() == {
        "url": page("job", Job.objects.get().pk)
    }
    refused = sent(admin_client, receipts([1]), "photo.jpg", script=True)
    assert "does not look like a result file" in refused.json()["errors"]["file"][0]


def test_each_fault_has_its_sentence(admin_client: Client) -> None:
    good = receipts([1])
    assert "does not look like a result file" in errors_of(sent(admin_client, good, "photo.jpg"))
    assert "is not gzip, although its name says so" in errors_of(sent(admin_client, good, "r.jsonl.gz"))
    assert "The file is empty (0 bytes)" in errors_of(sent(admin_client, b""))
    assert "A job id has up to 200 letters" in errors_of(sent(admin_client, good, job_id="a/b"))
    assert "Say whose results these are" in errors_of(sent(admin_client, good, user_id=""))
    a_job("night-1", user_id="user-2")
    assert "exists with user_id &#x27;user-2&#x27;" in errors_of(sent(admin_client, good, job_id="night-1"))
    assert not ResultFile.objects.exists()


def test_upload_needs_the_permission() -> None:
    client = signed_in("view_resultfile")
    assert client.get(reverse("admin:batches_upload")).status_code == 403
    assert sent(client, receipts([1])).status_code == 403
    assert not Job.objects.exists()
    allowed = signed_in("add_resultfile", name="uploader")
    assert allowed.get(reverse("admin:batches_upload")).status_code == 200
    assert sent(allowed, receipts([1])).status_code == 302
