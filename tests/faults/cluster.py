"""A PostgreSQL of a test's own, which can be ended and is started again by its supervisor."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from embedded import state
from embedded.process import pid_of
from embedded.supervisor import Supervisor
from tests.faults.site import Process, Site, wait_for
from tests.integration.processes import manage


class Cluster:
    def __init__(self, root: Path, supervisor: Supervisor) -> None:
        self._state = state.load(root)
        self.url = self._template = self._state.database_url
        self._pidfile = state.folder(root) / "postgres.pid"
        self._supervisor = supervisor

    def end(self, how: signal.Signals) -> None:
        pid = pid_of(self._pidfile)
        assert pid is not None
        os.kill(pid, how)
        wait_for(lambda: pid_of(self._pidfile) != pid, "the end of PostgreSQL")

    def await_(self, condition: Callable[[], bool], what: str, more: Callable[[], str] = str) -> None:
        """Wait, while the supervisor does its work: it starts again what has ended."""

        def tried() -> bool:
            self._supervisor.poll()
            try:
                return condition()
            except psycopg.OperationalError:
                return False

        wait_for(tried, what, more)

    def make_database(self) -> None:
        """A database of a test's own, migrated, becomes the one in use."""
        place, _, template = self._template.rpartition("/")
        name = f"test_{uuid.uuid4().hex}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {template} OWNER nightshelf", at="postgres")
        self.url = f"{place}/{name}"

    def drop_database(self) -> None:
        self.administer(f"DROP DATABASE IF EXISTS {self.url.rpartition('/')[2]} WITH (FORCE)", at="postgres")

    def administer(self, *statements: str, at: str = "") -> None:
        """As the server's own superuser, in the database, or in the one that is named."""
        password, database = self._state.postgres_password, at or self.url.rpartition("/")[2]
        address = f"postgresql://postgres:{password}@127.0.0.1:{self._state.postgres_port}/{database}"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def manage(self, site: Site, *arguments: str) -> None:
        command: Process = site.manage(*arguments)
        self.await_(lambda: not command.alive, f"manage.py {arguments}", command.output)
        assert "Error" not in command.output()

    def count(self, what: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(f"SELECT count(*) FROM {what}".encode()).fetchone()
        assert row is not None
        return int(row[0])

    def at_rest(self) -> bool:
        open_chunks = self.count("batches_chunk WHERE status IN ('pending', 'leased')")
        return not open_chunks and not self.count("batches_job WHERE status = 'running'")


@contextmanager
def a_cluster() -> Iterator[Cluster]:
    root = Path(tempfile.mkdtemp(prefix="nightshelf-faults-"))
    root.chmod(0o755)  # PostgreSQL does not run as root: another user has to get in
    try:
        with Supervisor(root) as supervisor:
            cluster = Cluster(root, supervisor)
            migrated = manage({**os.environ, "DATABASE_URL": cluster.url}, "migrate", "-v0")
            assert not migrated.returncode, migrated.stderr
            yield cluster
    finally:
        shutil.rmtree(root)
