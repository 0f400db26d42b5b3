"""The site's processes, started and ended by a test, and waiting for what they do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import kombu
from celery import Celery
from django.db.models import Q
from django.db.models.functions import Now

from batches.letters.wake_redrives import due
from batches.models import Chunk, Job, ResultFile
from batches.moves.wake import helpers
from batches.pipeline.recover import recover
from batches.states import OPEN_CHUNKS, ChunkStatus, FileStatus, JobStatus
from config.queues import use_quorum_queues
from embedded.process import wait_until
from embedded.state import port_is_free
from tests.faults.failpoints import Failpoints

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds; a deadline, not a pace: everything here waits for a condition


class Nursery:
    """The process that all others are forked from (see nursery.py)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def start(self, argv: list[str], env: Mapping[str, str], log: Path) -> int:
        assert self._process.stdin is not None
        print(json.dumps({"argv": argv, "env": dict(env), "log": str(log)}), file=self._process.stdin, flush=True)
        return int(self._answer())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


class Process:
    """A process of the site, leader of its own group."""

    def __init__(self, nursery: Nursery, argv: list[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        self.pid = nursery.start(argv, env, log)

    @property
    def alive(self) -> bool:
        return alive(self.pid)

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """The whole group, at once; nothing to do when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.await_end()

    def await_end(self) -> None:
        wait_for(
            lambda: not self.alive and not group_alive(self.pid), f"the end of {self.pid}: {self.output()[-2000:]}"
        )


class Site:
    """Processes of one test, on its database, storage and broker."""

    def __init__(self, nursery: Nursery, environment: dict[str, str], folder: Path, queue: str) -> None:
        self.environment = {
            **environment,
            "FAILPOINTS": str(folder / "failpoints"),
            "FAULTS_QUEUE": queue,
            "LEASE_SECONDS": "1",
            "RECOVER_SECONDS": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "NIGHTSHELF_MODE": "local",
        }
        self.failpoints = Failpoints(folder / "failpoints")
        self._nursery, self._folder = nursery, folder
        self._processes: list[Process] = []
        self._queue = queue
        self._waked = self._redriven = 0.0
        self._sender = sender(environment["CELERY_BROKER_URL"], queue)
        # Named at each sending: an application takes CELERY_BROKER_URL for its broker, whatever it was told.
        self._broker = kombu.Connection(environment["CELERY_BROKER_URL"])

    # --- Processes ---

    def worker(self, *options: str, concurrency: int = 2, **more: str) -> Process:
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=info"]
        argv = ["celery", "-A", "tests.faults.app", "worker", f"-c{concurrency}", *quiet, *options]
        return self._start("worker", argv, more)

    def beat(self) -> Process:
        schedule = str(self._folder / "schedule")
        return self._start("beat", ["celery", "-A", "tests.faults.app", "beat", "-s", schedule, "--loglevel=info"], {})

    def web(self, port: int) -> Process:
        options = [f"--bind=127.0.0.1:{port}", "--workers=1", "--threads=4", "--no-control-socket"]
        web = self._start("web", ["gunicorn", "tests.faults.wsgi", *options], {})
        wait_for(lambda: not port_is_free(port), f"the web server: {web.output()[-2000:]}")
        return web

    def manage(self, *arguments: str, **more: str) -> Process:
        return self._start("manage", ["manage.py", *arguments], more)

    def named(self, name: str) -> list[Process]:
        return [process for process in self._processes if process.log.name.startswith(f"{name}-")]

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        self._broker.release()
        self._sender.close()

    def output(self) -> str:
        return "\n".join(process.output() for process in self._processes)

    # --- Waiting ---

    def await_point(self, name: str) -> int:
        """The process that came to the failpoint."""
        self.await_(lambda: self.failpoints.reached(name) is not None, f"failpoint {name}")
        pid = self.failpoints.reached(name)
        assert pid is not None
        return pid

    def await_rest(self) -> None:
        """Until every file is read to its end, with what beat does meanwhile."""
        self.await_(at_rest, "the files to be read", look=True)

    def await_(self, condition: Callable[[], bool], what: str, *, look: bool = False) -> None:
        def tried() -> bool:
            if look:
                self.look()
            return condition()

        wait_for(tried, what, self.output)

    def look(self) -> None:
        """What beat does every RECOVER_SECONDS; done here, so that not each test needs a beat of its own."""
        _end_leases_of_the_dead()
        recover()
        if time.monotonic() - self._waked > 0.2:
            self._waked = time.monotonic()
            for task, wanted in (("batches.work", _pending()), ("batches.move", helpers() > 0)):
                if wanted:
                    self._sender.send_task(task, ignore_result=True, connection=self._broker)
        if time.monotonic() - self._redriven > 0.2 and due().exists():
            self._redriven = time.monotonic()
            self._sender.send_task("batches.redrive", ignore_result=True, connection=self._broker)

    def _start(self, name: str, argv: list[str], more: dict[str, str]) -> Process:
        log = self._folder / f"{name}-{len(self._processes)}.log"
        self._processes.append(Process(self._nursery, argv, {**self.environment, **more}, log))
        return self._processes[-1]


def sender(broker_url: str, queue: str) -> Celery:
    """Who sends wake-ups to the queue: an application of the test's own, configured as the site's is."""
    app = Celery("faults-sender", broker=broker_url, set_as_current=False)
    app.conf.update(task_default_queue=queue)
    if broker_url.startswith("amqp"):
        app.conf.update(broker_transport_options={"confirm_publish": True})
        use_quorum_queues(app)
    return app


def seconds_without_broker(worker: Process) -> float:
    """The pauses the worker has announced between its tries to connect."""
    return sum(float(pause) for pause in re.findall(r"Trying again in ([\d.]+) seconds", worker.output()))


def wait_for(condition: Callable[[], bool], what: str, more: Callable[[], str] = str) -> None:
    if not wait_until(condition, PATIENCE):
        raise TimeoutError(f"waited in vain for {what}\n{more()[-6000:]}")


def at_rest() -> bool:
    return not (
        ResultFile.objects.filter(status=FileStatus.READING).exists()
        or Job.objects.filter(status=JobStatus.RUNNING).exists()
        or Chunk.objects.filter(status__in=OPEN_CHUNKS).exists()
    )


def _end_leases_of_the_dead() -> None:
    """As time would: they renew them no more, and nobody has to wait for it. (Where time does it: `short_leases`.)"""
    leased = Chunk.objects.filter(status=ChunkStatus.LEASED)
    for holder in set(leased.values_list("holder", flat=True)):
        if not alive(int(holder.rpartition(":")[2])):
            leased.filter(holder=holder).update(leased_until=Now() - timedelta(seconds=1))


def _pending() -> bool:
    return Chunk.objects.filter(Q(status="pending")).exists()


def alive(pid: int) -> bool:
    """Not a zombie, which is dead and only not yet counted."""
    return state_of(pid) not in ("", "Z", "X")


def stopped(pid: int) -> bool:
    return state_of(pid) == "T"


def state_of(pid: int) -> str:
    """The kernel's letter for it, '' when there is no such process."""
    return next(iter(_stat(Path(f"/proc/{pid}/stat"))), "")


def group_alive(leader: int) -> bool:
    """Whether anybody lives whose group this is. (Asked of kill(2), an orphaned zombie would count as living.)"""
    return any(
        len(fields) > 2 and fields[2] == str(leader) and fields[0] not in "ZX"
        for fields in (_stat(path) for path in Path("/proc").glob("[0-9]*/stat"))
    )


def _stat(path: Path) -> list[str]:
    """State, parent and group first; empty when the process has gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
