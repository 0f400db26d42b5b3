"""From landing in storage to finished: a file of 1,000 lines, with a real Celery worker and beat running.

Two ways for a landing to be noticed: an event announces it (`put` + `receive`, what a consumer of S3 events does), or
nobody does and the sweep finds it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import server
from benchmarks.lines import USER, receipts
from benchmarks.place import BASE, LOGS, ROOT, environment
from embedded import state

LINES = 1_000
FOLDER = ROOT / "landing"  # storage of its own: the sweep must not find the other benchmarks' files
LOOK_SECONDS = 0.002
EVENT = "announced by an event"
SWEEPS = (0.5,)  # seconds between sweeps: the default of a folder; a bucket has its events


def brokers() -> dict[str, str]:
    """Embedded (a database of its own in it), and the outside ones that the tests know."""
    found = {"embedded": state.load(ROOT).broker_url.rpartition("/")[0] + "/1"}
    for name in ("RabbitMQ", "Redis"):
        if url := os.environ.get(f"NIGHTSHELF_TEST_{name.upper()}_URL"):
            found[name] = url
    return found


def landings(broker: str, count: int) -> dict[str, list[float]]:
    """Seconds of each landing, by the way it was noticed. In a process that has that broker from its start."""
    found: dict[str, list[float]] = {}
    receipts(LINES)
    for sweep in SWEEPS:
        server.empty()
        shutil.rmtree(FOLDER, ignore_errors=True)
        command = [sys.executable, "-m", "benchmarks.landing", str(sweep), str(count)]
        env = environment(broker, FOLDER, SWEEP_SECONDS=str(sweep), LOG_LEVEL="WARNING")
        done = subprocess.run(command, env=env, cwd=BASE, stdout=subprocess.PIPE, check=True)
        found |= json.loads(done.stdout)
    return found


def main() -> None:
    import django

    django.setup()
    sweep, count = float(sys.argv[1]), int(sys.argv[2])
    found: dict[str, list[float]] = {}
    with _site():
        for number in range(2):  # the first ones load code and open connections
            _land(f"warm-{number}", announced=True)
        if sweep == SWEEPS[0]:
            found[EVENT] = [_land(f"event-{number}", announced=True) for number in range(count)]
        found[f"found by the sweep, every {sweep:g} s"] = [
            _out_of_step(number, count, sweep) for number in range(count)
        ]
    print(json.dumps(found))


def _out_of_step(number: int, count: int, sweep: float) -> float:
    time.sleep(sweep * number / count)  # every phase of the sweep is met as often
    return _land(f"sweep-{number}", announced=False)


def _land(job: str, *, announced: bool) -> float:
    from batches.models import ResultFile
    from batches.pipeline.open_job import open_job
    from batches.pipeline.receive import receive
    from storage import result_storage

    storage, key = result_storage(), f"batch-output/{job}/output.jsonl"
    open_job(job, kind="receipts", user_id=USER)
    content = (ROOT / "storage" / "batch-output" / "bench" / f"lines-{LINES}.jsonl").open("rb")
    with content:
        began = time.perf_counter()
        storage.put(key, content)
    if announced:
        receive(storage.bucket_name, key, door="event")
    while not ResultFile.objects.filter(key=key, status="finished").exists():
        if time.perf_counter() - began > 60:
            raise SystemExit(f"{key} was not finished within a minute: see {LOGS / 'celery.log'}.")
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - began


@contextmanager
def _site() -> Iterator[None]:
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    commands = (
        [*celery, "worker", "--concurrency=2"],
        [*celery, "beat", "--scheduler=django_celery_beat.schedulers:DatabaseScheduler"],
    )
    with (LOGS / "celery.log").open("ab") as log:
        running = [subprocess.Popen(command, cwd=BASE, stdout=log, stderr=log) for command in commands]
    try:
        yield
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


if __name__ == "__main__":
    main()
