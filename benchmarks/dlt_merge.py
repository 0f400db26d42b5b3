"""A contender's process, run by .venv-bench: dlt merges the lines' records by their id. Fed by the engine's decoder.

Form `arrow` is what dlt's documentation recommends for speed: Arrow tables, Parquet, COPY through ADBC, which leaves
out its row-by-row normaliser. `rows` is what most pipelines are: dicts, a thousand at a time, loaded with INSERT.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from batches.formats.lines import LineReader
from batches.formats.receipt import parse_receipt
from batches.formats.rejection import Rejection
from batches.identity import receipt_digest

PAGE = {"arrow": 50_000, "csv": 5_000, "rows": 5_000}
LOADED_AS = {"arrow": "parquet", "csv": "csv", "rows": "insert_values"}


def main() -> None:
    path, form, strategy, url, indexes = sys.argv[1:6]
    import dlt  # type: ignore[import-not-found,unused-ignore]

    # A second process for the stage that is Python's; three at once for what is loaded, as is its own default for COPY.
    os.environ["NORMALIZE__WORKERS"] = "2"
    os.environ["DATA_WRITER__FILE_MAX_ITEMS"] = "100000"
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    own_folder = Path(path).parents[3] / "dlt"
    destination = dlt.destinations.postgres(url)
    pipeline = dlt.pipeline("bench", destination=destination, dataset_name="bench_dlt", pipelines_dir=str(own_folder))
    pipeline.drop()

    def load(lines: int | None) -> None:
        resource = dlt.resource(
            _pages(Path(path), form, lines),
            name="receipts",
            primary_key="id",
            write_disposition={"disposition": "merge", "strategy": strategy},
        )
        pipeline.run(resource, loader_file_format=LOADED_AS[form])

    load(1)  # makes the tables, so that they can be given the indexes
    _prepare(pipeline, json.loads(indexes))
    began = time.perf_counter()
    load(None)
    seconds = time.perf_counter() - began
    with pipeline.sql_client() as client:
        written = client.execute_sql("SELECT count(*) FROM receipts")[0][0]
    print(json.dumps({"seconds": seconds, "written": written}))


def _prepare(pipeline: Any, indexes: list[str]) -> None:
    """Empty tables, with the primary key and the indexes that our own table has."""
    with pipeline.sql_client() as client:
        client.execute_sql("TRUNCATE receipts")
        for statement in indexes:
            client.execute_sql(statement)


def _pages(path: Path, form: str, limit: int | None) -> Iterator[Any]:
    rows = islice(_rows(path), limit)
    while page := list(islice(rows, PAGE[form])):
        yield _table(page) if form == "arrow" else page if form == "rows" else [_as_text(row) for row in page]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    expires = date(2027, 11, 20)
    with path.open("rb", buffering=0) as file:
        blocks = iter(lambda: file.read(2**20), b"")
        for line in LineReader(blocks, start=0, end=None, max_line_bytes=2**25):
            record = parse_receipt(line.data) if line.data is not None else None
            if record is None or isinstance(record, Rejection):
                continue
            digest = receipt_digest("bench", record.image_id)
            yield {
                "id": digest[:12],
                "job_id": 1,
                "chunk_id": 1,
                "line": line.number,
                "content": int.from_bytes(digest[16:24], "big", signed=True),
                "image_id": record.image_id,
                "user_id": "team",
                "trace_id": digest[:16],
                "expires_on": expires,
                "amount": Decimal(record.amount),
                "type": record.type,
                "date": date.fromisoformat(record.date),
                "category": record.category,
                "extracted_at": datetime.fromisoformat(record.extracted_at or "2000-01-01T00:00:00Z"),
                "merchant": record.merchant,
                "description": record.description,
            }


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    # dlt's CSV holds no bytes.
    return {**row, "id": row["id"].hex(), "trace_id": row["trace_id"].hex()}


def _table(page: list[dict[str, Any]]) -> Any:
    import pyarrow  # type: ignore[import-not-found,unused-ignore]

    amount = pyarrow.decimal128(14, 2)
    columns = {name: [row[name] for row in page] for name in page[0]}
    arrays = {name: pyarrow.array(column, amount if name == "amount" else None) for name, column in columns.items()}
    return pyarrow.table(arrays)


if __name__ == "__main__":
    main()
