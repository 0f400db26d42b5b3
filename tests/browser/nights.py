"""A week's worth of jobs in every state, made by the real verbs."""

from __future__ import annotations

import json
from io import BytesIO
from random import Random
from typing import Any

from batches.models import Job
from batches.pipeline.claim import claim_chunk
from batches.pipeline.take_in import take_in_manifest
from batches.pipeline.work import work_on
from storage import result_storage
from tests.builders import a_job, error_line, image, ingested, jsonl, line, path_of, run_all, taken_in
from tests.moves import key_of, uploaded

SHOPS = ("セブン-イレブン 渋谷店", "ヨドバシカメラ", "クロネコヤマト", "カインズ", "文具の森", "佐川急便")
CATEGORIES = ("sale", "purchase", "shipping", "packaging", "fee", "other")


def night(number: int, lines: int, failures: float = 0.03, seed: int = 7) -> bytes:
    """A result file; of its lines about the share `failures` cannot become rows, for several reasons."""
    random = Random(seed + number)
    return jsonl(_line(random, number * 100_000 + at, random.random() / failures) for at in range(lines))


def _line(random: Random, at: int, luck: float) -> bytes:
    if luck < 0.5:
        return error_line(image(at))
    changes: dict[str, Any] = {
        "amount": random.choice([480, 1280, "¥3,980", 12000]),
        "type": random.choice(["income", "expense", "expense"]),
        "date": f"2026-02-{random.randint(1, 28):02}",
        "merchant": random.choice(SHOPS),
        "category": random.choice(CATEGORIES),
    }
    broken: dict[float, dict[str, Any]] = {0.6: {"amount": -5}, 0.75: {"date": "2026-02-30"}, 0.9: {"category": "食費"}}
    for below, change in broken.items():
        if luck < below:
            return line(image(at), **(changes | change))
    return b"null" if luck < 1 else line(image(at), **changes)


def photographed() -> None:
    """Images of the first finished night; one of them is lost before its receipt is read."""
    uploaded(range(100_000, 100_040))
    result_storage().remove([key_of(100_002)])


def finished(name: str = "night-2026-02-16") -> Job:
    """A night with a few failures, and a manifest that agrees."""
    job = a_job(name, intent_id=f"intent-{name}", model_id="amazon.nova-lite-v1:0", user_id="user-tanaka")
    ingested(night(1, 900), "part-1.jsonl.out", job)
    errors = job.letters.filter(code="model_error").count()
    counts = {"totalRecordCount": 900, "successRecordCount": 900 - errors, "errorRecordCount": errors}
    take_in_manifest(job, BytesIO(json.dumps(counts).encode()))
    return job


def failed(name: str = "night-2026-02-17") -> Job:
    """Its file was deleted when one chunk had been counted."""
    job = a_job(name, intent_id=f"intent-{name}", user_id="user-sato")
    file = taken_in(night(2, 600), "part-1.jsonl.out", job)
    claim = claim_chunk()
    assert claim
    work_on(claim)
    path_of(file).unlink()
    run_all()
    return job


def failing(name: str = "device-7781-trial") -> Job:
    """Far more failures than the 5 % that are tolerated."""
    job = a_job(name, intent_id=f"intent-{name}", user_id="device-7781")
    ingested(night(3, 300, failures=0.25), "trial.jsonl", job)
    return job


def running(name: str = "night-2026-02-18") -> Job:
    """About half through."""
    job = a_job(name, intent_id=f"intent-{name}", model_id="anthropic.claude-3-haiku", user_id="user-tanaka")
    taken_in(night(4, 800), "part-1.jsonl.out", job)
    for _ in range(job.chunks.count() // 2):
        claim = claim_chunk()
        assert claim
        work_on(claim)
    return job


def waiting(name: str = "night-2026-02-19") -> Job:
    return a_job(name, intent_id=f"intent-{name}", user_id="user-tanaka")


def figures() -> None:
    """An hour as a busy night would have told it, and three days before: made up, and the same each time."""
    from datetime import timedelta
    from math import sin

    from django.utils import timezone

    from tests.figures import counted, measured

    random, now = Random(7), timezone.now()
    for back in [*range(1, 60), *range(60, 72 * 60, 30)]:
        at, wave = now - timedelta(minutes=back), 1 + sin(back / 9) / 3
        lines = int(18_000 * wave)
        counted("batch.lines", at, lines, int(lines * (0.09 if 20 < back < 31 else 0.02)), kind="receipts")
        measured("batch.chunk", at, [random.lognormvariate(0.6, 0.7) for _ in range(12)], kind="receipts")
        measured("batch.chunk", at, [random.lognormvariate(0.2, 0.5) for _ in range(3)], kind="products")
        for route, seconds in {"/admin/": 0.08, "/admin/batches/job/": 0.05, "/admin/catalog/product/": 0.12}.items():
            took = [seconds * random.lognormvariate(0, 0.5) for _ in range(6)]
            measured("http.request", at, took, failed=back % 29 == 0, route=route, method="GET")
        if not 8 < back < 13:  # nobody looked
            measured("dlq.depth", at, [40 if back > 30 else 900 - back * 7])
            measured("queue.depth", at, [max(0, 30 - back)], queue="nightshelf", broker="redis")
            measured("queue.age", at, [max(0, 30 - back) / 4], queue="nightshelf", broker="redis")
    for name, value in {"disk.used": 41.2, "database.connections": 17, "workers.alive": 2}.items():
        measured(name, now, [value])
    for process, bytes in {"web": 210e6, "worker": 142e6}.items():
        measured("process.memory", now, [bytes], process=process)
        measured("process.cpu", now, [bytes / 4e6], process=process)
