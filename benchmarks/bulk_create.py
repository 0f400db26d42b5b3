"""A contender's process: Django's own upsert, fed by the engine's decoder. Lines that are no record are dropped."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

BATCH = 1_000


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from batches.kinds.receipts import COLUMNS
    from batches.models import Transaction
    from benchmarks.ready_text import chunks_of_records

    connection.ensure_connection()
    path, written, began = Path(sys.argv[1]), 0, time.perf_counter()
    for chunk, records in enumerate(chunks_of_records(path), start=1):
        # A chunk is one transaction, as the engine's is: a commit for each 1,000 rows would cost it more.
        rows = list(_rows(chunk, records))
        Transaction.objects.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=list(COLUMNS[1:])
        )
        written += len(rows)
    print(json.dumps({"seconds": time.perf_counter() - began, "written": written}))


def _rows(chunk: int, records: list[tuple[int, Any]]) -> Iterator[Any]:
    from django.utils import timezone

    from batches.identity import receipt_digest
    from batches.kinds.receipts import expires_on
    from batches.models import Transaction
    from benchmarks.lines import JOB, USER

    expires, now = expires_on(USER, timezone.localdate()), timezone.now()
    for line, record in records:
        digest = receipt_digest(JOB, record.image_id)
        yield Transaction(
            id=digest[:12].hex(),
            job_id=1,
            chunk_id=chunk,
            line=line,
            content=int.from_bytes(digest[16:24], "big", signed=True),
            image_id=record.image_id,
            user_id=USER,
            trace_id=digest[:16].hex(),
            expires_on=expires,
            amount=record.amount,
            type=record.type,
            date=record.date,
            category=record.category,
            extracted_at=datetime.fromisoformat(record.extracted_at) if record.extracted_at else None,
            merchant=record.merchant,
            description=record.description,
            # Left to the database (db_default), these four would make Django write every row as an expression.
            revision=1,
            created_at=now,
            updated_at=now,
            review="unreviewed",
        )


if __name__ == "__main__":
    main()
