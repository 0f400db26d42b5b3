"""The database refuses, cuts the connection, or is restarted in the middle: the chunk is tried again."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import psycopg
import pytest

from batches.models import Chunk
from embedded import state
from embedded.process import pid_of
from embedded.supervisor import Supervisor
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Nursery, Process, Site, wait_for

FAULTS = {
    "disk full": ("refuse:53100", "The database's disk is full: make room."),
    "deadlock": ("refuse:40P01", "The database ended a deadlock"),
    "serialization failure": ("refuse:40001", "could not put this beside another transaction"),
    "connection cut": ("cut", "an administrator cut the connection"),
}


@pytest.mark.parametrize(
    ("fault", "step"), [*product(FAULTS, ["after_copy", "before_commit"]), ("connection cut", "mid_parse")]
)
def test_what_the_database_refuses_is_tried_again(site: Site, fault: str, step: str) -> None:
    action, sentence = FAULTS[fault]
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm(step, action)
    worker = site.worker()

    site.await_point(step)
    site.await_rest()

    assert_exact(database_url(), night)
    assert sentence in worker.output()
    # It passes, so it uses up no attempt, however often it comes.
    assert set(Chunk.objects.values_list("attempts", flat=True)) == {1}


class Cluster:
    """A PostgreSQL of this module's own, which can be ended and is started again by its supervisor."""

    def __init__(self, root: Path, supervisor: Supervisor) -> None:
        self.url = state.load(root).database_url
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

    def count(self, what: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(f"SELECT count(*) FROM {what}").fetchone()
        assert row is not None
        return int(row[0])

    def at_rest(self) -> bool:
        open_chunks = self.count("batches_chunk WHERE status IN ('pending', 'leased')")
        return not open_chunks and not self.count("batches_job WHERE status = 'running'")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    root = Path(tempfile.mkdtemp(prefix="nightshelf-faults-"))
    root.chmod(0o755)  # PostgreSQL does not run as root: another user has to get in
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("CELERY_BROKER_URL", "elsewhere")
    try:
        with Supervisor(root) as supervisor:
            yield Cluster(root, supervisor)
    finally:
        shutil.rmtree(root)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_a_database_that_is_restarted_in_the_middle(
    nursery: Nursery, cluster: Cluster, broker_url: str, queue: str, tmp_path: Path, how: signal.Signals
) -> None:
    environment = {**os.environ, "DATABASE_URL": cluster.url, "CELERY_BROKER_URL": broker_url}
    more = {"STORAGE_FOLDER": str(tmp_path / "storage"), "STORAGE_BUCKET": "", "CHUNK_BYTES": "12000"}
    site = Site(nursery, environment | more, tmp_path, queue)
    night = a_night()
    try:
        _manage(cluster, site, "migrate", "-v0")
        results = tmp_path / "results.jsonl"
        results.write_bytes(night.content)
        _manage(cluster, site, "ingest", str(results), f"--job={night.job}")
        site.failpoints.arm("after_copy", "hold")
        site.worker()
        site.beat()
        site.await_point("after_copy")

        cluster.end(how)
        site.failpoints.release("after_copy")
        cluster.await_(cluster.at_rest, "the files to be read", site.output)

        assert_exact(cluster.url, night)
    finally:
        site.end()


def _manage(cluster: Cluster, site: Site, *arguments: str) -> None:
    command: Process = site.manage(*arguments)
    cluster.await_(lambda: not command.alive, f"manage.py {arguments}", command.output)
    assert "Error" not in command.output()
