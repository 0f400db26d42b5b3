"""One program kept alive: started, watched, started again after a growing pause, stopped."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from embedded import process, state
from embedded.process import EmbeddedError, Program

_QUICK_DEATH = 10.0  # seconds; who lived longer than this starts with a clean record
_LONGEST_PAUSE = 30.0  # seconds
_PATIENCE_WITH_DEATHS = 5  # quick deaths in a row


class Child:
    def __init__(self, program: Program, root: Path) -> None:
        var = state.folder(root).parent
        self.program = program
        self.pidfile = state.folder(root) / f"{program.name}.pid"
        self.log = var / program.log_folder / f"{program.name}.log"
        self.log.parent.mkdir(exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._born = self._due = 0.0

    def start(self) -> None:
        """Raises EmbeddedError when it runs already, started by another launcher."""
        if not process.wait_until(self._spawned, 5):
            name, pid = self.program.name, process.pid_of(self.pidfile)
            raise EmbeddedError(f"{name} runs already (pid {pid}): end its launcher, or: python -m embedded stop")

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def poll(self) -> None:
        """Notice a death; start again when the pause after it is over."""
        if self.alive:
            if time.monotonic() - self._born > _QUICK_DEATH:
                self._deaths = 0
        elif self._process is not None:
            self._mourn(f"ended ({_how(self._process.returncode)})")
        elif time.monotonic() >= self._due:
            try:
                self._spawned()
            except OSError as fault:
                self._mourn(f"did not start ({fault.strerror})")

    def check(self) -> None:
        """Raises EmbeddedError with the end of its log when it keeps dying."""
        if self._deaths >= _PATIENCE_WITH_DEATHS:
            raise EmbeddedError(f"{self.program.name} keeps dying. The end of {self.log}:\n{self.log_tail()}")

    def ask_to_stop(self) -> None:
        if self.alive:
            process.ask(self.pidfile, self.program.stop_signal)

    def kill(self) -> None:
        """Kill what is left of it and its children; nothing to do after a clean stop."""
        if self._process is not None:  # else the pidfile may be another launcher's
            process.kill(self.pidfile)
            self._process.wait()

    def log_tail(self, lines: int = 8) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _spawned(self) -> bool:
        """False while its pidfile is locked: a backend outlives a killed postmaster until its query ends."""
        try:
            self._process = process.spawn(self.program, self.log, self.pidfile)
        except BlockingIOError:
            return False
        self._born = time.monotonic()
        return True

    def _mourn(self, what: str) -> None:
        process.kill(self.pidfile)  # a worker's pool must not go on beside the next worker
        self._process = None
        self._deaths += 1
        pause = min(_LONGEST_PAUSE, 0.05 * 2**self._deaths)
        self._due = time.monotonic() + pause
        print(f"{self.program.name} {what}; next start in {pause:.1f} s; see {self.log}", file=sys.stderr, flush=True)


def _how(returncode: int) -> str:
    return f"exit code {returncode}" if returncode >= 0 else signal.Signals(-returncode).name
