"""What the engine's tests are made of: result lines as Bedrock writes them, jobs, files taken in and worked through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Sum

from batches import balance
from batches.balance import Balance
from batches.models import Chunk, DeadLetter, Job, ResultFile, Transaction
from batches.pipeline.claim import Claim, claim_chunk
from batches.pipeline.open_job import open_job
from batches.pipeline.receive import receive_for
from batches.pipeline.take_in import take_in
from batches.pipeline.work import work, work_on
from storage import result_storage

ANSWER: dict[str, Any] = {
    "amount": 1280,
    "type": "expense",
    "date": "2026-02-03",
    "merchant": "セブンイレブン 渋谷店",
    "category": "purchase",
    "description": "コピー用紙",
    "extractedAt": "2026-02-03T04:05:06Z",
}
JOB = "job-1"
USER = "user-1"


def image(number: int) -> str:
    return f"image-{number:05}"


def text(**changes: Any) -> str:
    """What the model answers; a field changed to `...` is left out."""
    return json.dumps({name: value for name, value in (ANSWER | changes).items() if value is not ...})


def line(image_id: Any = "image-00001", answer: str = "", **changes: Any) -> bytes:
    """A line of a Nova result file, without its end: receipt ANSWER with `changes`, or `answer` as it is."""
    content = [{"text": answer or text(**changes)}]
    output = {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn"}
    return json.dumps({"recordId": image_id, "modelOutput": output}, ensure_ascii=False).encode()


def error_line(image_id: str) -> bytes:
    error = {"errorCode": 400, "errorMessage": "Image too small"}
    return json.dumps({"recordId": image_id, "modelInput": {}, "error": error}).encode()


def jsonl(lines: Iterable[bytes], end: bytes = b"\n") -> bytes:
    return b"".join(line + end for line in lines)


def receipts(numbers: Iterable[int], **changes: Any) -> bytes:
    """A result file with one good line for each number."""
    return jsonl(line(image(number), **changes) for number in numbers)


def transaction_id(image_id: str, job_id: str = JOB) -> str:
    """Y4, computed here a second time."""
    return hashlib.sha256(f"{job_id}#{image_id}".encode()).hexdigest()[:24]


def ids_of(numbers: Iterable[int], job_id: str = JOB) -> set[str]:
    return {transaction_id(image(number), job_id) for number in numbers}


def a_job(job_id: str = JOB, **more: str) -> Job:
    return open_job(job_id, **{"kind": "receipts", "user_id": USER, **more})


def taken_in(content: bytes, name: str = "results.jsonl", job: Job | None = None) -> ResultFile:
    """The content, landed in storage and received, but not worked on."""
    return take_in(job or a_job(), name, BytesIO(content), door="command")


def ingested(content: bytes, name: str = "results.jsonl", job: Job | None = None) -> ResultFile:
    """The content, through the whole engine."""
    file = taken_in(content, name, job)
    run_all()
    file.refresh_from_db()
    return file


def landed(key: str, content: bytes) -> None:
    """An object that lies in storage, and nobody knows of it."""
    result_storage().put(key, BytesIO(content))


def received(job: Job, key: str) -> ResultFile:
    storage = result_storage()
    return receive_for(job, storage.bucket_name, key, storage.stat(key), door="sweep")


def path_of(file: ResultFile) -> Path:
    """Where the file lies on the disk, for tests that go behind the engine's back."""
    return Path(settings.STORAGES["default"]["OPTIONS"]["location"]) / file.key


def run_all() -> int:
    """Work until nothing is left that could be claimed now."""
    done = 0
    while some := work():
        done += some
    return done


def claims() -> list[Claim]:
    """Every chunk that can be claimed, claimed: the test decides the order in which they are worked on."""
    return list(iter(claim_chunk, None))


def run_in_order(order: Callable[[list[Claim]], Iterable[Claim]]) -> None:
    for claim in order(claims()):
        work_on(claim)


def ids() -> set[str]:
    return set(Transaction.objects.values_list("id", flat=True))


def the_letter(**which: Any) -> DeadLetter:
    return DeadLetter.objects.get(**which)


def line_in_file(letter: DeadLetter) -> int:
    """A letter numbers its line within its chunk; this is the number an editor shows for the file."""
    assert letter.chunk is not None
    assert letter.line is not None
    before = Chunk.objects.filter(file=letter.file_id, start__lt=letter.chunk.start)
    return int(before.aggregate(lines=Sum("physical_lines", default=0))["lines"]) + letter.line


def status_of(job_id: str = JOB) -> str:
    return Job.objects.get(job_id=job_id).status


def balance_of(job_id: str = JOB) -> Balance:
    """The job's balance, which holds whatever the test is about."""
    told = balance.of_job(Job.objects.get(job_id=job_id).pk)
    assert told.holds
    return told


def counts(job_id: str = JOB) -> dict[str, int]:
    """The counters that are not zero, without `read`."""
    told = balance_of(job_id)
    names = ("inserted", "updated", "unchanged", "superseded", "dead", "pending")
    return {name: getattr(told, name) for name in names if getattr(told, name)}
