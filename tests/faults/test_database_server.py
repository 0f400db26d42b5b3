"""A PostgreSQL that is restarted in the middle, crashes, or has no room left on its disk."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from embedded.reach import give, servers_user
from tests.faults.cluster import Cluster, a_cluster
from tests.faults.night import Night, a_night, assert_exact
from tests.faults.site import Site


class SmallDisk:
    """A file system of four megabytes, and a folder on it."""

    def __init__(self, disk: Path) -> None:
        self.folder = disk / "tablespace"
        self.folder.mkdir()
        give(self.folder, servers_user())
        self._filler = disk / "filler"

    def fill(self) -> None:
        with suppress(OSError), self._filler.open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("CELERY_BROKER_URL", "memory://localhost/")
        with a_cluster() as cluster:
            yield cluster


@pytest.fixture
def cluster(server: Cluster) -> Iterator[Cluster]:
    server.make_database()
    yield server
    server.drop_database()


@pytest.fixture
def environment(cluster: Cluster, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": cluster.url,
        "STORAGE_FOLDER": str(tmp_path / "storage"),
        "STORAGE_BUCKET": "",
    }


@pytest.fixture
def small_disk(cluster: Cluster) -> Iterator[SmallDisk]:
    """The table space "small". Mounting takes root. Elsewhere the fault is injected only, in test_database.py."""
    disk = Path(tempfile.mkdtemp(prefix="nightshelf-disk-"))
    disk.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "none", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        disk.rmdir()
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        small_disk = SmallDisk(disk)
        cluster.administer(f"CREATE TABLESPACE small LOCATION '{small_disk.folder}'", at="postgres")
        yield small_disk
        cluster.drop_database()
        cluster.administer("DROP TABLESPACE small", at="postgres")
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()


@pytest.mark.usefixtures("short_leases")  # a chunk cannot be handed back while the database is down
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_a_database_that_is_restarted_in_the_middle(
    cluster: Cluster, site: Site, tmp_path: Path, how: signal.Signals
) -> None:
    night = a_night()
    _ingest(cluster, site, night, tmp_path)
    site.failpoints.arm("after_copy", "hold")
    site.worker()
    site.beat()
    site.await_point("after_copy")
    # Beat that only begins ends with the server, for whoever runs it to start it again.
    cluster.await_(lambda: cluster.count("monitoring_minutecursor WHERE name = 'levels'") > 0, "beat", site.output)

    cluster.end(how)
    site.failpoints.release("after_copy")
    cluster.await_(cluster.at_rest, "the files to be read", site.output)

    assert_exact(cluster.url, night)


def test_a_disk_that_is_full(cluster: Cluster, site: Site, small_disk: SmallDisk, tmp_path: Path) -> None:
    night = a_night()
    cluster.administer("ALTER TABLE batches_transaction SET TABLESPACE small")
    _ingest(cluster, site, night, tmp_path)
    small_disk.fill()

    worker = site.worker()
    site.beat()
    refused = "batches_chunk WHERE status = 'pending' AND last_error LIKE 'The database''s disk is full: make room.%'"
    cluster.await_(lambda: cluster.count(refused) > 0, "a chunk to be handed back", site.output)
    assert "No space left on device" in worker.output()
    assert cluster.count("batches_transaction") == cluster.count("batches_deadletter") == 0

    small_disk.make_room()
    cluster.await_(cluster.at_rest, "the files to be read", site.output)

    assert_exact(cluster.url, night)
    assert cluster.count("batches_chunk WHERE attempts <> 1") == 0


def _ingest(cluster: Cluster, site: Site, night: Night, folder: Path) -> None:
    results = folder / "results.jsonl"
    results.write_bytes(night.content)
    cluster.manage(site, "ingest", str(results), f"--job={night.job}")
