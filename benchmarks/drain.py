"""One worker's process: what a Celery child calls, until no chunk is pending. `ready`, a line in, a JSON line out.

`--silent` patches tracing and metrics out, `--timed` adds a clock around each step.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from batches.pipeline.work import work

    if "--silent" in sys.argv:
        from benchmarks.silent import count_no_queries, silent

        silent().__enter__()
        count_no_queries()
    clocks: dict[str, Any] = {}
    if "--timed" in sys.argv:
        from benchmarks.clocks import wind_up

        clocks = wind_up()
    connection.ensure_connection()
    _say("ready")
    sys.stdin.readline()
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    while work():
        pass
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    _say(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                "peak": peak_bytes(),
                "clocks": {name: clock.told() for name, clock in clocks.items()},
            }
        )
    )
    sys.stdin.readline()  # alive, so that its connection's process can still be looked at


def peak_bytes() -> int:
    """The most memory this process ever held (VmHWM)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
