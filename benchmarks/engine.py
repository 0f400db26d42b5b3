"""Our own engine: a file is received, and worker processes drain it by the product's own verb."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from benchmarks.lines import JOB, USER
from benchmarks.place import BASE, LOGS, environment, key_of


@dataclass
class Run:
    """One measured run. `peak`: bytes of the worker that held most; `more`: what else is worth keeping."""

    seconds: float
    lines: int
    peak: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.lines / self.seconds


class Worker:
    """A process that waits at the start line, works, and stays until it is let go."""

    def __init__(self, options: Sequence[str], settings: dict[str, str], module: str = "benchmarks.drain") -> None:
        with (LOGS / "drain.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=BASE,
                env={**environment(), **settings},
            )  # fmt: skip
        self.listen()

    def go(self) -> None:
        self._pipe.write("go\n")
        self._pipe.flush()

    def listen(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise SystemExit(f"A worker died: see {LOGS / 'drain.log'}.")
        return line

    def leave(self) -> None:
        self._pipe.close()
        self._process.wait(timeout=60)

    @property
    def _pipe(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin


def ingest(path: Path, workers: int, options: Sequence[str] = (), **settings: str) -> Run:
    """Receive the file and drain it; the clock runs from the receiving to the last worker's last chunk."""
    crew = [Worker(options, settings) for _ in range(workers)]
    began = time.perf_counter()
    file_id = _receive(path)
    for worker in crew:
        worker.go()
    told = [json.loads(worker.listen()) for worker in crew]
    seconds = time.perf_counter() - began
    run = Run(seconds, _checked(file_id), max(one["peak"] for one in told), {"workers": told})
    if "--timed" in options:
        from benchmarks.server import cpu_seconds, processes

        run.more["server"] = [(kind, cpu_seconds(pid)) for pid, kind in processes().items()]
    for worker in crew:
        worker.leave()
    return run


def _receive(path: Path) -> int:
    from batches.pipeline.open_job import open_job
    from batches.pipeline.receive import receive_for
    from storage import result_storage

    storage = result_storage()
    job = open_job(JOB, kind="receipts", user_id=USER)
    return receive_for(job, storage.bucket_name, key_of(path), storage.stat(key_of(path)), door="command").pk


def _checked(file_id: int) -> int:
    """The number of lines read; a run that did not take in the whole file is no run."""
    from django.db.models import Sum

    from batches.models import Chunk, ResultFile

    if ResultFile.objects.get(pk=file_id).status != "finished":
        errors = set(Chunk.objects.filter(file=file_id).values_list("status", "last_error"))
        raise SystemExit(f"The file was not finished: {errors}; see {LOGS / 'drain.log'}.")
    return int(Chunk.objects.filter(file=file_id).aggregate(Sum("read"))["read__sum"])
