"""See and end what launchers started, from outside."""

import shutil
import signal
from pathlib import Path

from embedded import process, reach, servers, state
from embedded.process import EmbeddedError, Program
from embedded.supervisor import owner_file, owner_lock


def status(root: Path) -> int:
    """Print a line for each program; return 1 if a server that is wanted does not run. No passwords."""
    wanted = servers.embedded(root)
    ports = {server.name: server.port(state.load(root)) for server in wanted}
    pids = dict.fromkeys(ports) | {file.stem: process.pid_of(file) for file in _pidfiles(root)}
    for name, pid in pids.items():
        where = f", 127.0.0.1:{ports[name]}" if name in ports else ""
        print(f"{name:9} {f'running, pid {pid}' if pid else 'stopped'}{where}")
    for server in servers.ALL:
        if server not in wanted:
            print(f"{server.name:9} not embedded: {server.variable} is set")
    return 0 if all(pids[name] for name in ports) else 1


def stop(root: Path) -> None:
    """End the launchers, each in turn the owner, then what they left. Raises EmbeddedError if something survives."""
    owner = owner_file(root)
    while pid := process.pid_of(owner):
        process.ask(owner, signal.SIGTERM)
        if not process.wait_until(lambda: process.pid_of(owner) != pid, 90):
            raise EmbeddedError(f"The launcher (pid {pid}) does not stop: end it by hand.")
        process.wait_until(lambda: process.pid_of(owner) is not None, 1)  # the next one takes over within a second
    try:
        with owner_lock(root):
            for file in _pidfiles(root):
                if file != owner:
                    polite = signal.SIGINT if file.stem == "postgres" else signal.SIGTERM
                    process.end(file, Program(file.stem, [], stop_signal=polite))
    except BlockingIOError:
        raise EmbeddedError("A launcher started meanwhile: stop again.") from None


def purge(root: Path) -> None:
    """Delete both servers' data, wherever it is."""
    folder = state.folder(root)
    reach.purge(folder)
    shutil.rmtree(folder)


def _pidfiles(root: Path) -> list[Path]:
    return sorted(state.folder(root).glob("*.pid"))
