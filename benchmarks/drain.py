"""One worker's process: what a Celery child calls, until no chunk is pending. `ready`, a line in, a JSON line out.

`--silent` patches tracing and metrics out, `--timed` adds a clock around each step.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from batches.pipeline.work import work

    if "--silent" in sys.argv:
        _silence()
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


def _silence() -> None:
    """Telemetry's door leads nowhere, ids are not carried, queries are not counted, nothing is traced."""
    from django.conf import settings
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper
    from django.db.backends.signals import connection_created

    from batches.pipeline import bring_in, prepare
    from monitoring import telemetry
    from monitoring.traces import statements
    from storage import calls

    for name in ("event", "fault", "count", "measure"):
        setattr(telemetry, name, lambda *_, **__: None)
    settings.TRACES = False
    connection_created.disconnect(dispatch_uid=statements.UID)
    calls.observed_by(lambda _: None)
    for module in (bring_in, prepare):
        vars(module)["carrying"] = lambda **_: nullcontext()
    connections.settings["default"]["ENGINE"] = "django.db.backends.postgresql"
    connections["default"] = DatabaseWrapper(connections.settings["default"], "default")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
