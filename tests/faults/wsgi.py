"""The site with failpoints, and one address more: `PUT /take-in/JOB` takes a file in as the upload page does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from config.wsgi import application as site
from tests.faults import app  # noqa: F401 - failpoints, and the queue of this run


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"].startswith("/take-in/"):
        _take_in(environ["PATH_INFO"].rpartition("/")[2], environ["wsgi.input"].read())
        start_response("204 No Content", [])
        return []
    return site(environ, start_response)


def _take_in(job_id: str, content: bytes) -> None:
    from batches.pipeline.open_job import open_job
    from batches.pipeline.take_in import take_in

    job = open_job(job_id, kind="receipts", user_id="user-1")
    take_in(job, "results.jsonl", BytesIO(content), door="upload")
