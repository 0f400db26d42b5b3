"""The consumer as a process: stopped, killed, and cut off from its queue, its storage and its database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batches.event_outcome import EventOutcome
from batches.models import ImageUpload, ResultFile
from tests.builders import a_job, counts, ids, ids_of, receipts, run_all
from tests.conftest import database_url
from tests.events.cloud import Cloud, outcomes
from tests.faults.brokers import Wire
from tests.faults.failpoints import Failpoints
from tests.faults.site import PATIENCE, wait_for
from tests.integration.processes import PROJECT, manage

pytestmark = pytest.mark.django_db(transaction=True)


class Consumer:
    """One process, and what it wrote."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=PROJECT, env=environment, stdout=output, stderr=output
            )

    def lines(self, event: str) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in told if line.get("event") == event]

    def await_line(self, event: str) -> None:
        wait_for(lambda: bool(self.lines(event)), event, self.log.read_text)

    def stop(self) -> None:
        """As a deploy does it."""
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self.log.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Consumers:
    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment | {"FAILPOINTS": str(folder / "failpoints"), "EVENT_CONSUMERS": "1"}
        self.failpoints = Failpoints(folder / "failpoints")
        self._folder = folder
        self._started: list[Consumer] = []

    def start(self, **more: str) -> Consumer:
        return self._start(["-m", "tests.events.consumer"], more)

    def start_real(self, **more: str) -> Consumer:
        return self._start(["manage.py", "consume_events"], more)

    def await_point(self, name: str) -> None:
        wait_for(lambda: self.failpoints.reached(name) is not None, name, self.output)

    def output(self) -> str:
        return "\n".join(consumer.log.read_text() for consumer in self._started)

    def end(self) -> None:
        for consumer in self._started:
            consumer.kill()

    def _start(self, command: list[str], more: dict[str, str]) -> Consumer:
        log = self._folder / f"consumer-{len(self._started)}.log"
        self._started.append(Consumer(command, self.environment | more, log))
        return self._started[-1]


@pytest.fixture
def consumers(cloud: Cloud, environment: dict[str, str], tmp_path: Path) -> Iterator[Consumers]:
    consumers = Consumers({**environment, **cloud.environment}, tmp_path)
    yield consumers
    consumers.end()


def images() -> int:
    return ImageUpload.objects.count()


def test_set_up_and_consume_by_command(bare_cloud: Cloud, environment: dict[str, str], tmp_path: Path) -> None:
    """S3 → SNS → SQS → consumer → rows, with nothing but the commands."""
    without = {**environment, **bare_cloud.environment, "EVENT_QUEUE_URL": "", "EVENT_DLQ_URL": ""}
    done = manage(without, "setup_aws", "--create-bucket", f"--name={bare_cloud.name}")
    assert done.returncode == 0, done.stderr
    told = dict(line.split("=", 1) for line in done.stdout.decode().splitlines() if line.startswith("EVENT_"))
    bare_cloud.queue_url = told["EVENT_QUEUE_URL"]
    consumers = Consumers({**without, **told}, tmp_path)
    consumer = consumers.start_real(EVENT_CONSUMERS="2")
    a_job()

    bare_cloud.put("batch-output/job-1/in.jsonl.out", receipts(range(20)))
    for number in range(5):
        bare_cloud.put(f"uploads/u/176354280000{number}-{number}.png")
    wait_for(lambda: images() == 5 and ResultFile.objects.count() == 1, "the rows", consumers.output)
    run_all()
    wait_for(lambda: bare_cloud.depth() == (0, 0), "the messages to be deleted", consumers.output)
    consumer.stop()

    assert ids() == ids_of(range(20))
    assert len(consumer.lines("consumer_stopped")) == 1
    assert sum(line.get("taken_in", 0) for line in consumer.lines("event_message")) == 6


@pytest.mark.parametrize("point", ["before_insert", "after_insert", "after_handle"])
def test_killed_at_any_point_it_loses_and_doubles_nothing(cloud: Cloud, consumers: Consumers, point: str) -> None:
    """Before the commit, after it, and between the last commit and the deletion."""
    cloud.put("uploads/u/1.png", trace_id="0af7651916cd43dd8448eb211c80319c")
    consumers.failpoints.arm(point, "kill")
    first = consumers.start(EVENT_VISIBILITY_SECONDS="2")
    consumers.await_point(point)
    first.process.wait(PATIENCE)
    assert images() == (point != "before_insert")
    assert sum(cloud.depth()) == 1

    consumers.start(EVENT_VISIBILITY_SECONDS="2")
    wait_for(lambda: images() == 1 and cloud.depth() == (0, 0), "the message", consumers.output)

    assert [upload.trace_id for upload in ImageUpload.objects.all()] == ["0af7651916cd43dd8448eb211c80319c"]


def test_a_killed_consumer_of_a_result_file_doubles_nothing(cloud: Cloud, consumers: Consumers) -> None:
    a_job()
    cloud.put("batch-output/job-1/1.jsonl", receipts(range(5)))
    consumers.failpoints.arm("after_handle", "kill")
    first = consumers.start(EVENT_VISIBILITY_SECONDS="2")
    first.process.wait(PATIENCE)

    consumers.start(EVENT_VISIBILITY_SECONDS="2")
    # Counted after the deletion: who dies between them leaves a figure short rather than one too high.
    wait_for(lambda: outcomes() == {EventOutcome.KNOWN: 1}, "the count", consumers.output)
    run_all()

    assert cloud.depth() == (0, 0)
    assert counts() == {"inserted": 5}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_finishes_one_and_gives_the_others_back(
    cloud: Cloud, consumers: Consumers, number: signal.Signals
) -> None:
    for image in range(4):
        cloud.put(f"uploads/u/{image}.png")
    consumers.failpoints.arm("before_handle", "hold")
    consumer = consumers.start()
    consumers.await_point("before_handle")
    in_hand = cloud.depth()[1]
    assert in_hand > 1

    os.kill(consumer.process.pid, number)
    wait_for(lambda: not catches(consumer.process.pid, number), "the signal to be heard")
    consumers.failpoints.release("before_handle")

    assert consumer.process.wait(PATIENCE) == 0, consumers.output()
    assert images() == 1
    # Hidden for fifteen minutes, had they not been given back.
    assert cloud.depth() == (3, 0)


def test_a_second_signal_ends_it_at_once(cloud: Cloud, consumers: Consumers) -> None:
    cloud.put("uploads/u/1.png")
    consumers.failpoints.arm("before_handle", "hold")
    consumer = consumers.start()
    consumers.await_point("before_handle")

    def asked_again() -> bool:
        consumer.process.terminate()
        return consumer.process.poll() is not None

    wait_for(asked_again, "the end")

    assert consumer.process.returncode == -signal.SIGTERM
    assert images() == 0


def test_a_queue_that_is_away_is_waited_for_and_told_once(cloud: Cloud, consumers: Consumers) -> None:
    wire = Wire(cloud.url)
    through_it = {"EVENT_ENDPOINT_URL": wire.url, "EVENT_QUEUE_URL": through(wire, cloud)}
    # The poll that is cut off may still be given the message, which then is hidden for so long.
    consumer = consumers.start(**through_it, EVENT_VISIBILITY_SECONDS="2")
    cloud.put("uploads/u/1.png")
    wait_for(lambda: images() == 1, "the first image", consumers.output)

    wire.cut()
    consumer.await_line("queue_away")
    cloud.put("uploads/u/2.png")
    wire.mend()
    wait_for(lambda: images() == 2, "the second image", consumers.output)
    consumer.await_line("queue_back")
    consumer.stop()
    wire.cut()

    assert len(consumer.lines("queue_away")) == 1


def test_a_queue_that_is_away_at_the_start_is_waited_for(cloud: Cloud, consumers: Consumers) -> None:
    wire = Wire(cloud.url)
    wire.cut()
    cloud.put("uploads/u/1.png")
    consumer = consumers.start(EVENT_ENDPOINT_URL=wire.url, EVENT_QUEUE_URL=through(wire, cloud))
    consumer.await_line("queue_away")

    wire.mend()
    wait_for(lambda: images() == 1, "the image", consumers.output)
    consumer.stop()
    wire.cut()


def test_storage_that_is_away_costs_none_of_the_queues_tries(cloud: Cloud, consumers: Consumers) -> None:
    wire = Wire(cloud.url)
    cloud.put("uploads/u/1.png")
    wire.cut()
    consumer = consumers.start(STORAGE_ENDPOINT_URL=wire.url)
    consumer.await_line("door_away")
    assert cloud.depth() == (0, 1)

    wire.mend()
    wait_for(lambda: images() == 1, "the image", consumers.output)
    wait_for(lambda: cloud.depth() == (0, 0), "the deletion", consumers.output)
    consumer.stop()
    wire.cut()

    assert {line["receives"] for line in consumer.lines("event_message")} == {1}


def test_a_database_that_is_away_costs_none_of_the_queues_tries(cloud: Cloud, consumers: Consumers) -> None:
    wire = Wire(database_url())
    consumer = consumers.start(DATABASE_URL=wire.url)
    cloud.put("uploads/u/1.png")
    wait_for(lambda: images() == 1, "the first image", consumers.output)

    wire.cut()
    cloud.put("uploads/u/2.png")
    consumer.await_line("door_away")
    wire.mend()
    wait_for(lambda: images() == 2, "the second image", consumers.output)
    wait_for(lambda: cloud.depth() == (0, 0), "the deletion", consumers.output)
    consumer.stop()
    wire.cut()

    assert {line["receives"] for line in consumer.lines("event_message")} == {1}


def test_without_a_queue_there_is_nothing_to_consume(environment: dict[str, str]) -> None:
    done = manage({**environment, "EVENT_QUEUE_URL": ""}, "consume_events")

    assert done.returncode == 2
    assert b"EVENT_QUEUE_URL is not set" in done.stderr


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether it has a handler of its own: at the first signal it takes that away, and stops soon."""
    status = Path(f"/proc/{pid}/status").read_text()
    (mask,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(mask, 16) >> (number - 1) & 1)


def through(wire: Wire, cloud: Cloud) -> str:
    return cloud.queue_url.replace(cloud.url, wire.url)
