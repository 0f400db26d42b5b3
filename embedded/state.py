"""What has to survive from one start to the next: ports, passwords and the secret key, made up on first use."""

import fcntl
import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class State:
    postgres_port: int
    valkey_port: int
    postgres_password: str
    valkey_password: str
    secret_key: str

    @property
    def database_url(self) -> str:
        return f"postgresql://nightshelf:{self.postgres_password}@127.0.0.1:{self.postgres_port}/nightshelf"

    @property
    def broker_url(self) -> str:
        return f"redis://:{self.valkey_password}@127.0.0.1:{self.valkey_port}/0"


def folder(root: Path) -> Path:
    """``var/embedded`` below `root`, made when missing. Raises OSError when it cannot be."""
    path = root.resolve() / "var" / "embedded"
    path.mkdir(parents=True, exist_ok=True)
    return path


def load(root: Path) -> State:
    """The state below `root`; the first caller makes it, and callers at the same moment get the same one.

    Raises OSError when it can be neither read nor written (it belongs to whoever made it, mode 0600).
    """
    path = folder(root) / "state.json"
    if not path.exists():
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _write(path, _invent())
    return State(**json.loads(path.read_text(encoding="utf-8")))


def port_is_free(port: int) -> bool:
    """True if a server can listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _invent() -> State:
    postgres_port = _pick_port()
    return State(
        postgres_port=postgres_port,
        valkey_port=_pick_port(avoid=postgres_port),
        postgres_password=secrets.token_hex(16),
        valkey_password=secrets.token_hex(16),
        secret_key=secrets.token_urlsafe(48),
    )


def _pick_port(avoid: int = 0) -> int:
    # Below the range from which systems draw the ports of outgoing connections (32768 on Linux, 49152 on macOS):
    # a client that retries while the server restarts could otherwise take the server's port, or reach itself.
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        if port != avoid and port_is_free(port):
            return port


def _write(path: Path, state: State) -> None:
    unfinished = path.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
