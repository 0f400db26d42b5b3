"""Log lines to CloudWatch: there, in order, and when it is away in bounded room, without anybody waiting."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from embedded.process import wait_until
from monitoring import cloudwatch_logs
from monitoring.cloudwatch_logs import CloudWatchHandler
from monitoring.logs import JsonFormatter
from monitoring.metrics.collect import collector
from tests.integration.processes import PROJECT
from tests.ports import free_port

GROUP, REGION, PATIENCE = "nightshelf", "ap-northeast-1", 60


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"SEND_SECONDS": 0.01, "MOST_SECONDS": 0.05, "CALL_SECONDS": 0.2, "END_SECONDS": 0.3}
    for limit, seconds in limits.items():
        monkeypatch.setattr(cloudwatch_logs, limit, seconds)
    # As `logging.captureWarnings` undoes itself; watchtower warns when lines could not be sent.
    monkeypatch.setattr(logging, "captureWarnings", lambda _: None)
    monkeypatch.setattr("warnings.warn", lambda *_, **__: None)
    told = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    for name, value in told.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def handler(_quick: None) -> Iterator[CloudWatchHandler]:
    handler = CloudWatchHandler(GROUP)
    handler.setFormatter(JsonFormatter())
    yield handler
    handler.close()
    if (
        handler._sender is not None
    ):  # watchtower's thread may still be trying, and would warn in the middle of another test
        handler._sender._handler.close()
        for thread in handler._sender._handler.threads:
            thread.join(PATIENCE)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield


def say(handler: CloudWatchHandler, number: int, logger: str = "nightshelf", text: str = "chunk_done") -> None:
    handler.handle(logging.makeLogRecord({"name": logger, "msg": text, "levelname": "INFO", "number": number}))


def lost() -> int:
    return sum(summary.count for key, summary in collector()._told.items() if dict(key[2]) == {"what": "logs"})


def serve(port: int) -> tuple[ThreadedMotoServer, Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    requests.post(f"http://127.0.0.1:{port}/moto-api/reset", timeout=PATIENCE)  # what it holds is the process's
    client = boto3.client("logs", region_name=REGION, endpoint_url=f"http://127.0.0.1:{port}")
    client.create_log_group(logGroupName=GROUP)
    return server, client


def arrived(client: Any) -> list[int]:
    streams = client.describe_log_streams(logGroupName=GROUP)["logStreams"]
    found: list[int] = []
    for stream in streams:
        page = client.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)
        found += [json.loads(event["message"])["number"] for event in page["events"]]
    return found


def test_lines_wait_while_it_is_away_and_are_all_there_afterwards(
    handler: CloudWatchHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(cloudwatch_logs, "CALL_SECONDS", 10)
    for number in range(700):
        say(handler, number)
    assert wait_until(lambda: handler._away, PATIENCE)
    server, client = serve(port)
    try:
        assert wait_until(lambda: len(arrived(client)) == 700, PATIENCE)
        assert arrived(client) == list(range(700))
        assert lost() == 0
    finally:
        handler.close()
        server.stop()


PROCESS = f"""
import logging
from monitoring import cloudwatch_logs
from monitoring.cloudwatch_logs import CloudWatchHandler
from monitoring.logs import JsonFormatter
cloudwatch_logs.END_SECONDS = {PATIENCE}
handler = CloudWatchHandler("{GROUP}")
handler.setFormatter(JsonFormatter())
logging.getLogger().addHandler(handler)
for number in range(30):
    logging.getLogger("nightshelf").warning("chunk_done", extra={{"number": number}})
"""


def test_the_last_lines_of_a_process_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", f"http://127.0.0.1:{port}")
    server, client = serve(port)
    try:
        subprocess.run([sys.executable, "-c", PROCESS], cwd=PROJECT, check=True)
        assert arrived(client) == list(range(30))
    finally:
        server.stop()


def test_one_that_never_answers_costs_bounded_room_and_the_oldest_give_way(
    silent: None, handler: CloudWatchHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudwatch_logs, "MOST_LINES", 100)
    monkeypatch.setattr(cloudwatch_logs, "BATCH_LINES", 10)
    for number in range(1000):
        say(handler, number)
        assert handler.waiting <= 100
    assert 1000 - 100 - 10 <= lost() <= 900
    assert json.loads(handler._waiting[-1].record.msg)["number"] == 999
    handler.close()  # within END_SECONDS, and the process may end


def test_room_is_counted_in_bytes_as_well(
    silent: None, handler: CloudWatchHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudwatch_logs, "MOST_BYTES", 50_000)
    monkeypatch.setattr(cloudwatch_logs, "MOST_LINE", 5_000)
    for number in range(100):
        say(handler, number, text="在" * 3_000)
    assert handler._bytes == sum(line.size for line in handler._waiting) <= 50_000
    assert all(line.size <= 5_000 for line in handler._waiting)
    assert lost() >= 80


def test_what_the_sending_itself_says_is_not_shipped(silent: None, handler: CloudWatchHandler) -> None:
    for logger in ("botocore", "botocore.hooks", "urllib3.connectionpool", "watchtower", "py.warnings"):
        say(handler, 1, logger)
    assert handler.waiting == 0
    assert handler._thread is None


def test_without_credentials_or_region_the_work_goes_on(
    handler: CloudWatchHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    say(handler, 1)
    assert wait_until(lambda: handler._away, PATIENCE)
    assert lost() == 0


def test_a_child_begins_with_nothing_of_its_parents(silent: None, handler: CloudWatchHandler) -> None:
    say(handler, 1)
    handler._begin_anew()  # what a fork calls in the child
    assert (handler.waiting, handler._thread) == (0, None)
