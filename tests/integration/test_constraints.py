"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.db.models.functions import Now

from batches.models import Chunk, DeadLetter, ImageUpload, Job, ResultFile, Transaction
from batches.states import ChunkStatus

pytestmark = pytest.mark.django_db


def job(**changes: Any) -> Job:
    return Job.objects.create(
        **{"job_id": "job-1", "intent_id": "intent-1", "kind": "receipts", "user_id": "u", "trace_id": "a" * 32}
        | changes
    )


def file(**changes: Any) -> ResultFile:
    values = {"bucket": "b", "key": "k", "version": "v", "size": 10, "door": "event", "fresh": True}
    return ResultFile.objects.create(**{"job_id": the_job().pk} | values | changes)


def chunk(**changes: Any) -> Chunk:
    of = ResultFile.objects.first() or file()
    return Chunk.objects.create(**{"file": of, "job": of.job, "ordinal": 0, "start": 0, "end": 10} | changes)


def letter(**changes: Any) -> DeadLetter:
    return DeadLetter.objects.create(
        **{"kind": "line", "code": "malformed_json", "message": "m", "group_id": "00" * 8} | changes
    )


def upload(**changes: Any) -> ImageUpload:
    values = {"image_id": "i", "user_id": "u", "bucket": "b", "key": "k", "trace_id": "a" * 32}
    return ImageUpload.objects.create(**values | changes)


def row(**changes: Any) -> Transaction:
    of = Chunk.objects.first() or chunk()
    values = {
        "id": "a" * 24, "job": of.job, "chunk": of, "line": 1, "content": 1, "image_id": "i", "user_id": "u",
        "trace_id": "a" * 32, "amount": 1, "type": "expense", "date": "2026-02-03", "merchant": "m",
        "category": "sale", "expires_on": "2027-02-03",
    }  # fmt: skip
    return Transaction.objects.create(**values | changes)


def the_job() -> Job:
    return Job.objects.first() or job()


def refused(constraint: str, act: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        act()


@pytest.mark.parametrize(
    ("constraint", "make", "changes"),
    [
        ("job_status_known", job, {"status": "done"}),
        ("result_file_status_known", file, {"status": "done"}),
        ("result_file_size_not_negative", file, {"size": -1}),
        ("chunk_status_known", chunk, {"status": "finished"}),
        ("chunk_range_not_empty", chunk, {"start": 5, "end": 5}),
        ("chunk_range_not_empty", chunk, {"start": 5, "end": 4}),
        ("chunk_range_not_empty", chunk, {"start": -1}),
        ("chunk_lease_not_negative", chunk, {"lease": -1}),
        ("chunk_lease_not_negative", chunk, {"attempts": -1}),
        ("chunk_lease_has_an_end", chunk, {"status": "leased"}),
        ("chunk_balance", chunk, {"status": "done", "read": 2, "inserted": 1}),
        ("chunk_balance", chunk, {"status": "done", "read": 1, "inserted": 1, "dead": 1}),
        ("chunk_balance", chunk, {"status": "done", "dead": 1}),
        ("chunk_counters_not_negative", chunk, {"status": "done", "inserted": 1, "dead": -1}),
        ("chunk_counters_not_negative", chunk, {"status": "done", "read": -1, "superseded": -1}),
        ("chunk_counts_when_done", chunk, {"read": 1, "inserted": 1}),
        ("chunk_counts_when_done", chunk, {"status": "abandoned", "read": 1, "dead": 1}),
        ("letter_kind_known", letter, {"kind": "spam"}),
        ("letter_status_known", letter, {"status": "read", "closed_at": Now()}),
        ("letter_closed_has_a_time", letter, {"status": "resolved"}),
        ("image_upload_status_known", upload, {"status": "lost"}),
        ("transaction_amount_positive", row, {"amount": 0}),
        ("transaction_amount_positive", row, {"amount": "-0.01"}),
        ("transaction_type_known", row, {"type": "gift"}),
        ("transaction_category_known", row, {"category": "snacks"}),
        ("transaction_review_known", row, {"review": "maybe"}),
    ],
)
def test_refused(constraint: str, make: Callable[..., Model], changes: dict[str, Any]) -> None:
    refused(constraint, lambda: make(**changes))


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (job, {"intent_id": "intent-2"}),
        (job, {"job_id": "job-2"}),
        (file, {"door": "sweep", "size": 11}),
        (chunk, {"start": 10, "end": 20}),
        (upload, {"key": "other"}),
        (upload, {"image_id": "other"}),
        (row, {"amount": 2, "line": 2}),
    ],
)
def test_an_identity_exists_once(make: Callable[..., Model], other: dict[str, Any]) -> None:
    make()

    refused("duplicate key", lambda: make(**other))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("letter_once_per_line", {"line": 3}),
        ("letter_once_per_file", {"kind": "file", "code": "empty_file", "chunk": None}),
        (
            "letter_once_per_event",
            {"kind": "event", "code": "unknown_job", "source": "b/k@v", "chunk": None, "file": None},
        ),
    ],
)
def test_a_letter_is_written_once(constraint: str, changes: dict[str, Any]) -> None:
    of = chunk()
    values = {"chunk": of, "file": of.file, **changes}
    letter(**values)

    refused(constraint, lambda: letter(**values))


def test_letters_about_other_things_are_other_letters() -> None:
    of = chunk()
    letter(chunk=of, line=1)
    letter(chunk=of, line=2)
    letter(chunk=of, line=1, kind="conflict")
    letter(kind="file", file=of.file, code="empty_file")
    letter(kind="file", file=of.file, code="truncated_gzip")
    letter(kind="event", source="b/k@1", code="unknown_job")
    letter(kind="event", source="b/k@2", code="unknown_job")

    assert DeadLetter.objects.count() == 7


def test_a_finished_chunk_cannot_be_unbalanced_later() -> None:
    chunk(status="done", read=3, inserted=2, dead=1)

    refused("chunk_balance", lambda: Chunk.objects.update(superseded=F("superseded") + 1))
    refused("chunk_counters_not_negative", lambda: Chunk.objects.update(inserted=F("inserted") - 3, dead=F("dead") + 3))
    assert Chunk.objects.update(inserted=F("inserted") - 1, superseded=F("superseded") + 1) == 1


@pytest.mark.parametrize("status", ChunkStatus.values)
def test_every_known_state_is_accepted(status: str) -> None:
    made = chunk()

    Chunk.objects.filter(pk=made.pk).update(status=status, leased_until=Now())

    made.refresh_from_db()
    assert made.status == status
