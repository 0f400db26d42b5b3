"""A file with bad lines, taken in by a real process that says all it can: nothing of the rows is in its log.

CloudWatch takes its connections meanwhile, and never answers.
"""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from monitoring.events import EVENTS
from tests.builders import counts, error_line, jsonl, line
from tests.integration.processes import manage, the_object

pytestmark = pytest.mark.django_db(transaction=True)
MERCHANT, AMOUNT, NOTE, MAIL = "銀座ひみつ亭", 918_273_645, "誕生日の夕食", "hanako@himitsu.example"
OURS: dict[str, Any] = {"merchant": MERCHANT, "amount": AMOUNT, "description": f"{NOTE} {MAIL}"}
TOO_LONG = MERCHANT * 200


def test_a_log_holds_nothing_of_the_rows(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(
        jsonl(
            [
                line("image-1", **OURS),
                line("image-2", **OURS, date="2026-02-30"),
                line("image-3", **{**OURS, "amount": -AMOUNT}),
                line("image-4", **{**OURS, "merchant": TOO_LONG}),
                line("image-5", **OURS, type=MERCHANT),
                line("image-6", answer=f"no JSON, but {MERCHANT} {MAIL}"),
                line("image-1", **{**OURS, "amount": AMOUNT + 1}),
                error_line("image-7"),
                b'{"recordId": "image-8", "modelOutput": "' + MERCHANT.encode(),
            ]
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        away = {
            "LOG_LEVEL": "DEBUG",
            "CLOUDWATCH_LOG_GROUP": "nightshelf",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        }
        done = manage(environment | away, "ingest", str(path), "--job", "job-1", "--wait", "--json")

    assert the_object(done.stdout)["read"] == 9
    assert counts()["dead"] >= 6
    log = done.stderr.decode()
    lines = [json.loads(one) for one in log.splitlines()]
    assert {"file_received", "chunk_done", "lines_buried", "file_finished"} <= {one["event"] for one in lines}
    assert {one["event"] for one in lines if one["logger"] == "nightshelf"} <= set(EVENTS)
    for secret in (MERCHANT, NOTE, MAIL, str(AMOUNT), f"{AMOUNT:,}", *(away[name] for name in away if "KEY" in name)):
        assert secret not in log
        assert json.dumps(secret)[1:-1] not in log
    password = re.search(r"://[^:]+:([^@]+)@", environment["DATABASE_URL"])
    assert password is None or f":{password[1]}@" not in log
