"""The others, each run in a process of its own. They are timed inside: start-up and imports cost nobody anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import ready_text, server
from benchmarks.engine import Run
from benchmarks.place import BASE, BENCH_PYTHON, LOGS, database_url, environment, program


def copy(path: Path, lines: int) -> Run:
    """psql's \\copy of ready-made text: what one connection can do when there is nothing to decode."""
    command = f"\\copy {server.TABLE} ({ready_text.columns()}) from '{ready_text.ready_text(path)}'"
    began = time.perf_counter()
    _run([program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, database_url()])
    return Run(time.perf_counter() - began, lines)


def bulk_create(path: Path, lines: int) -> Run:
    told = _run([sys.executable, "-m", "benchmarks.bulk_create", str(path)])
    return _checked(json.loads(told), lines)


def dlt(path: Path, lines: int, form: str = "arrow", strategy: str = "upsert", indexed: bool = True) -> Run:
    told = _run(
        [
            str(BENCH_PYTHON),
            "-m",
            "benchmarks.dlt_merge",
            str(path),
            form,
            strategy,
            database_url(),
            json.dumps(_indexes() if indexed else []),
        ]
    )
    return _checked(json.loads(told.splitlines()[-1]), lines)


def _checked(told: dict[str, float], lines: int) -> Run:
    return Run(told["seconds"], lines, more={"written": told["written"]})


def _indexes() -> list[str]:
    """Our table's primary key and secondary indexes, for dlt's table of the same columns."""
    own = server.index_definitions().items()
    found = [re.sub(r" ON \S+", " ON receipts", text.replace(name, f"dlt_{name}", 1)) for name, text in own]
    return ["ALTER TABLE receipts ADD PRIMARY KEY (id)", *(text for text in found if "review" not in text)]


def _run(command: list[str]) -> str:
    with (LOGS / "contenders.log").open("ab") as log:
        done = subprocess.run(command, env=environment(), cwd=BASE, stdout=subprocess.PIPE, stderr=log, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: see {LOGS / 'contenders.log'}.")
    return done.stdout.decode()
