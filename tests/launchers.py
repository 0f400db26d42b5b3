"""Installations with embedded servers, for tests: their folders, their launchers, and what of them lives."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from embedded import control, state
from embedded.process import pid_of, wait_until
from embedded.state import State
from embedded.supervisor import Supervisor

PROJECT = Path(__file__).resolve().parents[1]
PATIENCE = 120  # seconds
SUPERVISE = """
import sys
from pathlib import Path
from embedded.process import Program
from embedded.supervisor import Supervisor
with Supervisor(Path(sys.argv[1]), [Program("sleeper", ["sleep", "600"])]) as supervisor:
    print("ready", flush=True)
    sys.exit(supervisor.wait())
"""


def a_launcher(root: Path, program: str = SUPERVISE) -> subprocess.Popen[str]:
    """A launcher in a process of its own, ready."""
    command = [sys.executable, "-c", program, str(root)]
    launcher = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, preexec_fn=_hear_hangups)  # noqa: PLW1509
    assert launcher.stdout
    with launcher.stdout:
        assert launcher.stdout.readline() == "ready\n"
    return launcher


def _hear_hangups() -> None:
    """As in a terminal, though the tests may run below nohup: the launcher would respect that."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def embedded(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "embedded", "--root", str(root), *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300)


def pidfile(root: Path, name: str) -> Path:
    return state.folder(root) / f"{name}.pid"


def living(root: Path) -> list[str]:
    return [file.stem for file in sorted(state.folder(root).glob("*.pid")) if pid_of(file)]


def kill(root: Path, name: str) -> int:
    pid = pid_of(pidfile(root, name))
    assert pid
    os.kill(pid, signal.SIGKILL)
    return pid


def poll_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    def polled() -> bool:
        supervisor.poll()
        return condition()

    assert wait_until(polled, PATIENCE)


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter (pytest's own tmp_path is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="nightshelf-test-"))
    folder.chmod(0o755)
    yield folder
    clear(folder)
    shutil.rmtree(folder)


def clear(root: Path) -> None:
    control.stop(root)
    control.purge(root)


def database(secrets: State) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(secrets.database_url, autocommit=True)


@contextlib.contextmanager
def listening(port: int) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", port)) as server:
        yield server.getsockname()[1]
