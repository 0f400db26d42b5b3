"""What the tests of the pages share: people, addresses, and lines that fail."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from batches.pipeline.take_in import take_in_manifest
from tests.builders import a_job, error_line, image, ingested, jsonl, line

# Whitenoise warns when `collectstatic` has not been run; its finders serve the tests.
MARKS = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]
BUDGET = 19  # "list pages stay under 20 queries"
HOME_BUDGET = 28  # the sum of its sections, alarms among them
WITH_IMAGE = {"messages": [{"content": [{"image": {"source": {"bytes": "QUJD" * 400}}}]}]}


def person(*permissions: str, name: str = "operator") -> User:
    """A member of the staff who may do just this."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def signed_in(*permissions: str, name: str = "operator") -> Client:
    client = Client()
    client.force_login(person(*permissions, name=name))
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def page(model: str, pk: object) -> str:
    return reverse(f"admin:batches_{model}_change", args=[pk])


def pages(model: str) -> str:
    return reverse(f"admin:batches_{model}_changelist")


def mixed_file(good: int = 6) -> bytes:
    """`good` receipts, and of each: an error of the model, an impossible date, a negative amount, no JSON."""
    bad = [
        error_line("image-90001"),
        line("image-90002", date="2026-02-30"),
        json.dumps({"modelInput": WITH_IMAGE, **json.loads(line("image-90003", amount=-5))}).encode(),
        b'{"recordId": "image-90004", "modelOutput": ',
    ]
    return jsonl([line(image(number)) for number in range(good)] + bad)


def mixed_job(**more: str) -> Any:
    """A finished job: 10 lines, 6 inserted, 4 dead."""
    job = a_job(**more)
    ingested(mixed_file(), job=job)
    job.refresh_from_db()
    return job


def with_manifest(job: Any, total: int, success: int, error: int) -> None:
    counts = {"totalRecordCount": total, "successRecordCount": success, "errorRecordCount": error}
    take_in_manifest(job, BytesIO(json.dumps(counts).encode()))
    job.refresh_from_db()
