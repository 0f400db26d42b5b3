"""Lines of 300 kB: how fast one process decodes them, beside how fast the same storage hands over the bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.engine import Run
from benchmarks.place import BASE, environment, key_of


def wide_run(path: Path, what: str, *, cold: bool) -> Run:
    """`what`: `read` or `decode`. `cold`: the file is pushed out of the page cache before. `lines` counts bytes."""
    if cold:
        _forget(path)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.wide", what, str(path)],
        env=environment(), cwd=BASE, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    return Run(told["seconds"], told["bytes"], told["peak"], {"cpu": told["cpu"], "cold": cold})


def _forget(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main() -> None:
    import django

    django.setup()
    from benchmarks.drain import peak_bytes

    what, path = sys.argv[1], Path(sys.argv[2])
    cpu, began = time.process_time(), time.perf_counter()
    done = {"read": _read, "decode": _decode}[what](path)
    seconds = time.perf_counter() - began
    told = {"seconds": seconds, "bytes": done, "cpu": time.process_time() - cpu, "peak": peak_bytes()}
    print(json.dumps(told))


def _read(path: Path) -> int:
    from storage import result_storage

    storage, key = result_storage(), key_of(path)
    return sum(map(len, storage.blocks(key, storage.stat(key).version)))


def _decode(path: Path) -> int:
    from benchmarks.ready_text import chunks_of_records

    for _records in chunks_of_records(path):
        pass
    return path.stat().st_size


if __name__ == "__main__":
    main()
