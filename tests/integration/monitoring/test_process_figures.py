"""Real processes tell each figure once: parents and forked children, a web server's threads, a worker's children that
are recycled, and those that are killed. Nothing is written on the way, so that all of it is written when they end.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import kombu
import pytest
import requests
from celery import Celery
from django.conf import settings

from embedded.process import wait_until
from tests.figures import all_of
from tests.integration.processes import PATIENCE, PROJECT
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)
FORKS = """
import os, sys, django
django.setup()
from monitoring import telemetry
telemetry.count("product.edits", 3)
for _ in range(2):
    if os.fork() == 0:
        telemetry.count("product.edits", 5)
        sys.exit()
for _ in range(2):
    os.wait()
telemetry.count("product.edits", 1)
"""
WORKER = """
import os, sys
from pathlib import Path
from config.celery import app
app.conf.task_default_queue = sys.argv[1]
runs = Path(sys.argv[2])

@app.task(name="tests.number", bind=True)
def number(self, which):
    (runs / f"{which}-{self.request.retries}").touch()
    if which == 1:
        raise ValueError
    if which == 2:
        os.kill(os.getpid(), 9)
    if which == 3 and not self.request.retries:
        raise self.retry(countdown=0)

options = ["--concurrency=1", "--max-tasks-per-child=2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
app.worker_main(["worker", "--loglevel=WARNING", *options])
"""


@contextmanager
def process(environment: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    more = {"METRIC_FLUSH_SECONDS": "3600", "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    running = subprocess.Popen([sys.executable, *command], cwd=PROJECT, env=environment | more)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def end(running: subprocess.Popen[bytes]) -> None:
    running.send_signal(signal.SIGTERM)
    running.wait(PATIENCE)


def test_a_forked_child_tells_its_own_and_its_parent_its_own(environment: dict[str, str]) -> None:
    with process(environment, "-c", FORKS) as running:
        assert running.wait(PATIENCE) == 0

    assert all_of("product.edits").count == 3 + 5 + 5 + 1


def test_a_web_server_s_threads_tell_every_request(environment: dict[str, str]) -> None:
    site = f"http://127.0.0.1:{(port := free_port())}"
    options = ["--workers=1", "--threads=4", f"--bind=127.0.0.1:{port}", "--no-control-socket", "--log-level=error"]
    with process(environment, "-m", "gunicorn", "config.wsgi", *options) as running:
        assert wait_until(lambda: answers(site), PATIENCE)
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda number: requests.get(f"{site}/unknown/{number}", timeout=PATIENCE), range(40)))
        end(running)

    assert {answer.status_code for answer in got} == {404}
    assert all_of("http.request", route="unmatched", method="GET").count == 40
    assert all_of("http.request", route="api/health").count == 1


def answers(site: str) -> bool:
    try:
        return requests.get(f"{site}/api/health", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def test_a_worker_s_children_tell_every_run(environment: dict[str, str], tmp_path: Path) -> None:
    """Six runs by several children: one fails, one kills its child, one is tried again."""
    broker = settings.CELERY_BROKER_URL
    if not broker.startswith("redis"):
        pytest.skip("What becomes of a task that killed its child is the broker's matter.")
    queue = f"figures-{uuid.uuid4().hex[:12]}"
    with Celery("sender", broker=broker, set_as_current=False) as sender:
        environment = environment | {"CELERY_BROKER_URL": broker}
        with process(environment, "-c", WORKER, queue, str(tmp_path)) as running:
            for which in range(5):
                sender.send_task("tests.number", [which], queue=queue)
            assert wait_until(lambda: len(list(tmp_path.glob("?-?"))) == 6, PATIENCE)
            end(running)
        with sender.connection_for_write() as connection:
            kombu.Queue(queue)(connection.channel()).delete()

    runs = all_of("task.run", task="tests.number", queue=queue)
    assert (runs.count, runs.errors, runs.values) == (6, 2, 5)
    assert all_of("task.retried", task="tests.number", queue=queue).count == 1
