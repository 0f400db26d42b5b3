"""Where the time goes in the one-worker run: our steps by clocks, PostgreSQL's share by its processes and counters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.engine import Run, ingest

STEPS = (
    "read, decode, make rows",
    "look up owners",
    "make rows",
    "join the rows' text",
    "copy rows",
    "merge rows",
    "bury dead lines",
    "finish chunk",
    "write chunk, commit included",
)


def where(path: Path) -> dict[str, Any]:
    """A run with clocks on. It is slower than one without, so its rate is in no other table."""
    server.empty()
    before, cpu_before = server.activity(), _standing_cpu()
    run = ingest(path, 1, ["--timed"])
    after = server.activity()
    told = run.more["workers"][0]
    return {
        "lines": run.lines,
        "seconds": run.seconds,
        "python": told["cpu"],
        "steps": {name: told["clocks"][name] for name in STEPS if told["clocks"][name]["calls"]},
        "server": _by_kind(run, cpu_before),
        "activity": {
            name: after[name] - before.get(name, 0.0) for name in after if after[name] > before.get(name, 0.0)
        },
    }


def _standing_cpu() -> dict[str, float]:
    """CPU seconds of the server's own processes so far; backends are new with each worker."""
    found: dict[str, float] = {}
    for pid, kind in server.processes().items():
        if kind != "client backend":
            found[kind] = found.get(kind, 0.0) + server.cpu_seconds(pid)
    return found


def _by_kind(run: Run, before: dict[str, float]) -> dict[str, float]:
    found = {kind: -seconds for kind, seconds in before.items()}
    for kind, seconds in run.more["server"]:
        found[kind] = found.get(kind, 0.0) + seconds
    return {kind: round(seconds, 2) for kind, seconds in sorted(found.items()) if seconds > 0.005}


def page(found: dict[str, Any]) -> str:
    """As Markdown."""
    lines, seconds, backend = found["lines"], found["seconds"], found["server"].get("client backend", 0.0)
    told = [
        f"One worker, {lines:,} lines, with clocks on: {seconds:.1f} s. The Python process used"
        f" {found['python']:.1f} s of CPU ({found['python'] / lines * 1e6:.1f} µs a line), its PostgreSQL backends"
        f" {backend:.1f} s ({backend / lines * 1e6:.1f} µs a line).",
        "",
        "`read, decode, make rows` runs in a thread beside the others, for the next chunk; `look up owners` and `make"
        " rows` are part of it, `join` is part of `copy rows`, and all others are part of `write chunk`. What is wall"
        " time and not CPU is waiting: for the database, or for the interpreter's lock.",
        "",
        "| step | wall, s | CPU of its thread, s | CPU, µs a line |",
        "|---|--:|--:|--:|",
        *(
            f"| {name} | {clock['wall']:.2f} | {clock['cpu']:.2f} | {clock['cpu'] / lines * 1e6:.2f} |"
            for name, clock in found["steps"].items()
        ),
        "",
        "| PostgreSQL's processes | CPU, s |",
        "|---|--:|",
        *(f"| {kind} | {spent:.2f} |" for kind, spent in found["server"].items()),
        "",
        "| `pg_stat_wal`, `pg_stat_io` | during the run |",
        "|---|--:|",
        *(f"| {name} | {count:,.0f} |" for name, count in sorted(found["activity"].items())),
    ]
    return "\n".join(told)
