"""Secrets and what belongs to people, in every way they come into a log line."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

import pytest
from django.test import RequestFactory

from monitoring.logs import JsonFormatter
from monitoring.redact import LEFT_OUT, redacted, redacted_error, redacted_traceback

SECRET = "s3cr3t-W0rd"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}", f"PASSWORD: '{SECRET}'", f'"password": "{SECRET}"', f"db_password={SECRET} host=db",
        f"aws_secret_access_key = {SECRET}", f"SECRET_KEY={SECRET}", f"api-key: {SECRET}", f"token={SECRET}&next=1",
        f"Authorization: Bearer {SECRET}.x", f"Authorization: Basic {SECRET}", f"authorization={SECRET}",
        f"{{'Authorization': '{SECRET}'}}", f"bearer {SECRET}", f"Cookie: sessionid={SECRET}; a=b",
        f"postgresql://shop:{SECRET}@db:5432/x", f"amqps://shop:{SECRET}@mq/", f"redis://:{SECRET}@cache/0",
        f"https://b.s3.amazonaws.com/k?X-Amz-Credential={SECRET}&X-Amz-Signature={SECRET}&X-Amz-Security-Token={SECRET}",
        f"https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Signature={SECRET}",
        f"/admin/file?token={SECRET}&signature={SECRET}",
        f"https://hooks.slack.com/services/T0/B0/{SECRET}", f"whsec_{SECRET.replace('-', '')}",
        f"could not reach {SECRET}@shop.example", f"Key (merchant)=({SECRET}) already exists.",
        f"Key (id, merchant)=(7, {SECRET} (Ginza)) already exists.", f"Failing row contains (7, {SECRET}, 5).",
        f'COPY staging, line 3, column merchant: "{SECRET}"', f"COPY staging, line 3: \"7\t{SECRET}\n",
        f"The full contents of the message body was: b'{SECRET}\n{SECRET}'",
        f'{{"recordId": "{SECRET}", "modelOutput": 1}}',
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_it_is_left_out(text: str) -> None:
    shown = redacted(text)
    assert SECRET not in shown
    assert SECRET.replace("-", "") not in shown
    assert LEFT_OUT in shown


def test_keys_of_aws_are_left_out() -> None:
    assert KEY_ID not in redacted(f"InvalidAccessKeyId: {KEY_ID} does not exist")


@pytest.mark.parametrize(
    "text",
    [
        "file_received", "batch-output/job-1/results.jsonl", "Task batches.work[7c9e] succeeded in 0.1 s: None",
        "celery@worker-1.internal ready.", "3 tokens were read, 2 passwords hashed", "GET https://shop.example/a?page=2",
        "The database does not answer: connection to server at 10.0.0.7, port 5432 failed", "在庫が少ない: 3 個",
        "duplicate key value violates unique constraint letter_once",
    ],
)  # fmt: skip
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_what_an_error_quotes_is_somebodys() -> None:
    assert redacted_error("time data 'Lawson 銀座' does not match format") == "time data '…' does not match format"
    assert redacted_error("it isn't there") == "it isn't there"


def test_a_traceback_keeps_its_code_and_not_its_values() -> None:
    told = redacted_traceback(
        'Traceback (most recent call last):\n  File "x.py", line 7, in f\n    f(d["k"])\nKeyError: \'Lawson\''
    )
    assert "Lawson" not in told
    assert '  File "x.py", line 7, in f\n    f(d["k"])' in told


def line(**extra: Any) -> dict[str, Any]:
    return logged("chunk_done", logger="nightshelf", extra=extra)


def logged(
    message: str, *args: object, logger: str, extra: dict[str, Any] | None = None, fault: bool = False
) -> dict[str, Any]:
    """What a handler with our formatter writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    record = logging.getLogger(logger).makeRecord(
        logger, logging.INFO, "f.py", 1, message, args, sys.exc_info() if fault else None, extra=extra
    )
    handler.emit(record)
    told = json.loads(written.getvalue())
    assert isinstance(told, dict)
    return told


def test_a_line_begins_with_what_every_line_has() -> None:
    told = line(trace_id="a" * 32, job="job-1", seconds=0.5, inserted=7)
    assert list(told)[:4] == ["time", "level", "logger", "event"]
    assert told["time"].endswith("+00:00")
    assert (told["event"], told["inserted"], told["job"]) == ("chunk_done", 7, "job-1")


def test_a_librarys_line_is_told_as_one() -> None:
    told = logged("Connected to %s", f"amqp://me:{SECRET}@mq//", logger="celery.worker")
    assert (told["event"], told["logger"]) == ("library", "celery.worker")
    assert told["message"] == f"Connected to amqp://{LEFT_OUT}@mq//"


def test_what_celery_says_of_a_task_has_none_of_its_arguments() -> None:
    data = {"id": "7c9e", "name": "batches.work", "args": f"('{SECRET}',)", "kwargs": f"{{'x': '{SECRET}'}}"}
    told = logged("Task %(name)s[%(id)s] received", data, logger="celery.worker.strategy", extra={"data": data})
    assert SECRET not in json.dumps(told)
    assert told["data"]["name"] == "batches.work"


def test_fields_are_left_out_by_their_names_however_deep() -> None:
    told = line(
        password=SECRET,
        merchant=SECRET,
        email=SECRET,
        list=[{"apiKey": SECRET}],
        deep={"a": {"token": SECRET}},
        tokens=7,
    )
    assert SECRET not in json.dumps(told)
    assert told["tokens"] == 7
    deep: Any = {"x": SECRET}
    for _ in range(9):
        deep = {"a": deep}
    assert SECRET not in json.dumps(line(a=deep))


def test_a_request_is_told_by_its_path_alone() -> None:
    request = RequestFactory().get(f"/admin/orders/?q={SECRET}", headers={"Authorization": SECRET})
    told = logged(
        "Not Found: %s", request.path, logger="django.request", extra={"request": request, "status_code": 404}
    )
    assert SECRET not in json.dumps(told)
    assert (told["method"], told["path"], told["status_code"]) == ("GET", "/admin/orders/", 404)


def test_an_exception_is_told_without_what_it_quotes() -> None:
    try:
        int(f"not a number: '{SECRET}', password={SECRET}")
    except ValueError as fault:
        told = logged("chunk_failed", logger="nightshelf", extra={"error": str(fault)}, fault=True)
    assert SECRET not in json.dumps(told)
    assert "int(f" in told["exc_info"]
