"""A real worker, by its own command line, on a real broker and the test's database: files in, balance exact.

The same on brokers and a database outside this machine's own, where the environment names them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
import pytest
from celery import Celery
from django.conf import settings

from config.celery import app
from config.queues import use_quorum_queues
from tests.builders import a_job, balance_of, counts, error_line, ids, ids_of, image, jsonl, line, receipts, taken_in
from tests.integration.processes import PROJECT, manage, the_object
from tests.outside import a_broker, reachable

PATIENCE = 300  # seconds
QUORUM_SETTINGS = (
    "task_queues", "task_default_exchange", "task_default_exchange_type", "task_default_routing_key",
)  # fmt: skip
# A queue of its own: another worker on the same broker must not take the wake-ups, nor this one another's.
WORKER = """
import sys
from config.celery import app
app.conf.task_default_queue = name = sys.argv[1]
options = ["--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle", f"--hostname={name}@test"]
app.worker_main(["worker", *options])
"""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@contextmanager
def worker(environment: dict[str, str], broker: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is ready; this process's wake-ups go to it."""
    queue = f"test-{uuid.uuid4().hex[:12]}"
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, queue],
        cwd=PROJECT,
        env=environment | {"CELERY_BROKER_URL": broker},
        start_new_session=True,
    )
    with sending_to(broker, queue):
        try:
            wait_until(lambda: _answers(broker, f"{queue}@test"), "the worker did not start")
            yield process
        finally:
            _stop(process)
            _delete(queue)


@contextmanager
def sending_to(broker: str, queue: str) -> Iterator[None]:
    """The application of this process as config/settings.py would have set it up for that broker."""
    quorum = broker.startswith("amqp")
    changes = {
        "broker_read_url": broker,
        "broker_write_url": broker,
        "task_default_queue": queue,
        "task_default_queue_type": "quorum" if quorum else "classic",
        "broker_transport_options": {"confirm_publish": True} if quorum else {},
    }
    before = {name: app.conf[name] for name in (*changes, *QUORUM_SETTINGS)}
    _set_up(changes)
    if quorum:
        use_quorum_queues(app)
    try:
        yield
    finally:
        _set_up(before)


def _set_up(conf: Mapping[str, object]) -> None:
    """Celery keeps its queues and connections: what was made for another broker goes."""
    app.conf.update(conf)
    app.__dict__.pop("amqp", None)
    vars(app)["_pool"] = None


def _answers(broker: str, worker: str) -> bool:
    # An application of its own to ask with: the project's keeps the connections of the first broker it asked.
    with Celery("asking", set_as_current=False) as asking:
        asking.conf.update(broker_read_url=broker, broker_write_url=broker)
        return bool(asking.control.ping([worker], timeout=0.3))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE / 3)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _delete(name: str) -> None:
    with app.connection_for_write() as connection:
        queue = app.amqp.queues[name](connection.default_channel)
        queue.declare()
        queue.delete()


def _take_in_and_wait(environment: dict[str, str], broker: str) -> None:
    with worker(environment, broker) as process:
        job = a_job()
        taken_in(receipts(range(3000)), "first.jsonl", job)
        taken_in(
            jsonl([*(line(image(n), amount=5) for n in range(2990, 3010)), error_line(image(1))]), "second.jsonl", job
        )
        taken_in(b"", "empty.jsonl", job)
        wait_until(lambda: _status() in {"with_letters", "failed"}, "the job was not finished")
        assert process.poll() is None

    told = balance_of()
    assert (told.read, told.dead, told.pending, told.unread) == (3021, 1, 0, 0)
    assert told.inserted == 3010
    assert told.updated + told.superseded + told.unchanged == 10
    assert ids() == ids_of(range(3010))
    assert _status() == "with_letters"


def _status() -> str:
    job = a_job()
    return job.status


@pytest.fixture
def worker_environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"CHUNK_BYTES": "100000", "LOG_LEVEL": "WARNING"}


@pytest.mark.usefixtures("_chunks_of_100_kb")
@pytest.mark.django_db(transaction=True)
def test_a_worker_on_the_configured_broker(worker_environment: dict[str, str]) -> None:
    broker = settings.CELERY_BROKER_URL
    if broker.startswith("memory"):
        pytest.skip("CELERY_BROKER_URL is in memory, which no other process can reach")
    _take_in_and_wait(worker_environment, broker)


@pytest.mark.outside
@pytest.mark.usefixtures("_chunks_of_100_kb")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("variable", ["NIGHTSHELF_TEST_RABBITMQ_URL", "NIGHTSHELF_TEST_REDIS_URL"])
def test_a_worker_on_an_outside_broker(variable: str, worker_environment: dict[str, str]) -> None:
    _take_in_and_wait(worker_environment, a_broker(variable))


@pytest.fixture
def _chunks_of_100_kb(settings: object) -> None:
    settings.CHUNK_BYTES = 100_000  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_chunks_of_100_kb")
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_starts_finds_work_that_no_message_announces(worker_environment: dict[str, str]) -> None:
    """The wake-ups went to a broker that lost them: starting is enough."""
    broker = settings.CELERY_BROKER_URL
    if broker.startswith("memory"):
        pytest.skip("CELERY_BROKER_URL is in memory, which no other process can reach")
    taken_in(receipts(range(500)))

    with worker(worker_environment, broker):
        wait_until(lambda: _status() == "finished", "the work was not found")

    assert counts() == {"inserted": 500}


@pytest.fixture
def outside_database() -> Iterator[str]:
    """A database made for the test in the PostgreSQL that NIGHTSHELF_TEST_DATABASE_URL names, and dropped behind it."""
    server = reachable("NIGHTSHELF_TEST_DATABASE_URL", lambda url: psycopg.connect(url, connect_timeout=3).close())
    name = f"nightshelf_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.outside
def test_an_outside_postgresql(outside_database: str, tmp_path: os.PathLike[str]) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": outside_database,
        "CELERY_BROKER_URL": "memory://localhost/",
        "STORAGE_FOLDER": str(tmp_path),
        "STORAGE_BUCKET": "",
    }
    assert manage(environment, "migrate", "--verbosity", "0").returncode == 0

    first = manage(environment, "ingest", "-", "--job", "job-1", "--wait", "--json", stdin=receipts(range(50)))
    again = manage(environment, "ingest", "-", "--job", "job-1", "--wait", "--json", stdin=receipts(range(25, 75)))

    assert (first.returncode, again.returncode) == (0, 0), again.stderr
    told = the_object(again.stdout)
    assert (told["read"], told["inserted"], told["unchanged"]) == (100, 75, 25)
