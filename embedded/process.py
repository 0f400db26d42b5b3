"""Start a program so that it cannot outlive its launcher unnoticed, and end it for certain.

Two independent nets. On Linux the kernel signals the program when its launcher dies (PR_SET_PDEATHSIG). Everywhere,
the program and its children keep the lock of a pidfile they inherited: while it is locked some of them live, whatever
became of the launcher, and the process group named in it is theirs and no stranger's.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pwd import struct_passwd
from typing import Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class EmbeddedError(Exception):
    """Something a person has to put right; its text says what."""


@dataclass(frozen=True)
class Program:
    """What to start, and how to end it. Times in seconds."""

    name: str
    command: Sequence[str]
    cwd: Path | None = None
    env: Mapping[str, str] | None = None
    user: struct_passwd | None = None
    log_folder: str = "log"  # below var/
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM  # what it gets when the launcher dies without stopping it
    patience: float = 15.0


def spawn(program: Program, log: Path, pidfile: Path) -> subprocess.Popen[bytes]:
    """Start `program`, output appended to `log`. From the main thread only: the kernel's watch is on the *thread*.

    Raises BlockingIOError while an earlier run of it, or a child of that run, still lives; OSError when it can't start.
    """
    with locked(pidfile) as descriptor, log.open("ab") as output:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=program.cwd,
            env=program.env,
            start_new_session=True,  # a Ctrl-C in the terminal reaches the launcher alone, which ends things in order
            pass_fds=(descriptor,),
            preexec_fn=die_with_parent(program.orphan_signal, descriptor),  # noqa: PLW1509  (system calls, no locks)
            **as_user(program.user),
        )


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """The emptied file `path`, open and locked. Raises BlockingIOError when somebody else has the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        yield descriptor
    finally:
        os.close(descriptor)


def as_user(user: struct_passwd | None) -> dict[str, Any]:
    """Arguments for `subprocess` that drop root's rights; empty for no `user`."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def die_with_parent(orphan_signal: signal.Signals, pidfile: int | None = None) -> Callable[[], None]:
    """For `preexec_fn`: have the kernel send `orphan_signal` to the child when the launcher's main thread ends.

    The child writes its pid into the descriptor `pidfile` itself: who holds that lock is never without a name.
    """
    parent = os.getpid()

    def prepare() -> None:
        if pidfile is not None:
            os.write(pidfile, b"%d" % os.getpid())
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:  # the launcher died between fork and prctl
            os._exit(1)

    return prepare


def pid_of(pidfile: Path) -> int | None:
    """The process group behind `pidfile`, or None when nothing of it lives. (Looking takes the lock for a moment.)"""
    while True:
        try:
            with pidfile.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            if text := pidfile.read_text():
                return int(text)
            time.sleep(0.01)  # locked this very moment; the pid follows
        else:
            return None


def end(pidfile: Path, program: Program) -> None:
    """Stop what an earlier launcher left behind: politely, then by force.

    Raises EmbeddedError when something of it survives even that, or belongs to another user.
    """
    ask(pidfile, program.stop_signal)
    if not wait_until(lambda: pid_of(pidfile) is None, program.patience):
        kill(pidfile)
        if not wait_until(lambda: pid_of(pidfile) is None, 10):
            raise EmbeddedError(f"{program.name} (pid {pid_of(pidfile)}) does not stop: end it by hand.")


def ask(pidfile: Path, stop_signal: signal.Signals) -> None:
    """Signal the leader alone: it knows best how to stop its children."""
    if pid := pid_of(pidfile):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_signal)


def kill(pidfile: Path) -> None:
    """Kill whatever lives of the group. PostgreSQL's backends leave the group; they die with their postmaster."""
    if pid := pid_of(pidfile):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """True as soon as `condition` holds, False after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
