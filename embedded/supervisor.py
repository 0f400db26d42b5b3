"""Keeps the embedded servers, and programs that need them, alive until told to stop.

Several launchers share one pair of servers. The one that holds the lock of `var/embedded/launcher.pid` started them,
watches them, and stops them when it ends. The others use them; when the lock becomes free they try to take it, and who
gets it starts the servers again. Connections are cut at such a change of hands; clients reconnect.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Self

from embedded import process, servers, state
from embedded.child import Child
from embedded.process import EmbeddedError, Program
from embedded.servers import Server

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # nohup
    SIGNALS.remove(signal.SIGHUP)
_INTERVAL = 0.2  # seconds between two looks at the children
_START_LIMIT = 120.0  # seconds; recovery after a crash reads at most 2 GB of log


class Stop(SystemExit):
    """A signal told us to stop. `code` is the shell's exit code for it: 128 + its number."""

    code: int


class Supervisor:
    """`with Supervisor(root, programs=[...]) as s:` runs the servers that are not configured, and the programs.

    Inside, call `s.poll()` now and then, or `s.wait()`: deaths are noticed there only, because the kernel ties a
    child's life to the thread that started it. Use it from the main thread. SIGINT, SIGTERM and SIGHUP raise `Stop`
    inside the block. Raises EmbeddedError when something cannot be started.
    """

    def __init__(self, root: Path, programs: Sequence[Program] = ()) -> None:
        self._root = root
        self._wanted = servers.embedded(root)
        self._servers: list[Child] = []
        self._first_programs = programs
        self._programs: list[Child] = []
        self._ownership = contextlib.ExitStack()
        self._owner = not self._wanted
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._handlers = {number: signal.signal(number, _raise_stop) for number in SIGNALS}
        try:
            self._await_servers()
            for program in self._first_programs:
                self.start(program)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        """Run one more program. Raises EmbeddedError when it runs already, started by another launcher."""
        self._programs.append(Child(program, self._root))  # before it starts: a signal may come between
        self._programs[-1].start()

    def poll(self) -> None:
        """Start again what died and whose pause is over; take over when the launcher that had the servers is gone."""
        if not self._owner:
            self._take_over()
        for child in self._servers + self._programs:
            child.poll()

    def check(self) -> None:
        """Raises EmbeddedError, with the end of its log, when a server or program died five times in a row."""
        for child in self._servers + self._programs:
            child.check()

    def wait(self) -> int:
        """Supervise until a signal comes; return 128 + its number."""
        try:
            while True:
                self.poll()
                time.sleep(_INTERVAL)
        except Stop as stop:
            return stop.code

    def stop(self) -> None:
        """Programs first, then the broker, then the database. A second Ctrl-C meanwhile: no more patience."""
        for group in (self._programs, *([child] for child in reversed(self._servers))):
            _stop(group)
        self._servers = []
        self._ownership.close()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _await_servers(self) -> None:
        deadline = time.monotonic() + _START_LIMIT
        self.poll()  # before asking: servers that lost their launcher may answer once more
        while not self._ready():
            self.poll()
            self.check()
            if time.monotonic() > deadline:
                raise EmbeddedError(f"No answer within {_START_LIMIT:.0f} s: see the logs in var/embedded/.")
            time.sleep(0.05)

    def _ready(self) -> bool:
        return not self._wanted or all(server.answers(state.load(self._root)) for server in self._wanted)

    def _take_over(self) -> None:
        """Become the owner if there is none, and start the servers."""
        try:
            self._ownership.enter_context(owner_lock(self._root))
        except BlockingIOError:
            return
        self._owner = True
        for server in self._wanted:
            self._start_server(server)

    def _start_server(self, server: Server) -> None:
        secrets = state.load(self._root)
        child = Child(server.prepare(self._root, secrets), self._root)
        process.end(child.pidfile, child.program)  # one that lost its launcher: nobody would restart it
        port = server.port(secrets)
        if not state.port_is_free(port):
            raise EmbeddedError(
                f"Port {port}, chosen for {server.name} at first use, is taken by another program now: "
                f"end it, or write another number into {state.folder(self._root) / 'state.json'}."
            )
        self._servers.append(child)
        child.start()


@contextlib.contextmanager
def owner_lock(root: Path) -> Iterator[None]:
    """Hold what the owner of the servers holds. Raises BlockingIOError when there is an owner."""
    with process.locked(owner_file(root)) as descriptor:
        os.write(descriptor, b"%d" % os.getpid())
        yield


def owner_file(root: Path) -> Path:
    return state.folder(root) / "launcher.pid"


def _stop(children: Sequence[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    with contextlib.suppress(Stop):
        patience = max((child.program.patience for child in children), default=0)
        process.wait_until(lambda: not any(child.alive for child in children), patience)
    for child in children:
        child.kill()


def _raise_stop(number: int, _frame: FrameType | None) -> None:
    raise Stop(128 + number)
