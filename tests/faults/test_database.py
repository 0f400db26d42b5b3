"""The database refuses, or cuts the connection: the chunk is tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from batches.models import Chunk
from embedded import state
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site

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


def test_a_real_deadlock(site: Site) -> None:
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "hold")
    with _every_session("deadlock_timeout", "10ms"):
        worker = site.worker(concurrency=1)
        site.await_point("after_copy")

        with psycopg.connect(administrator_url()) as other:
            # It waits for the worker's rows, and the worker for its chunk. Whoever looks first gives way: the worker.
            other.execute("SET deadlock_timeout = '1h'")
            other.execute("SELECT id FROM batches_chunk WHERE status = 'leased' FOR UPDATE")
            waiting = threading.Thread(target=other.execute, args=("LOCK TABLE batches_transaction IN SHARE MODE",))
            waiting.start()
            site.await_(lambda: _waits_for_a_lock(other.info.backend_pid), "the other transaction to wait")
            site.failpoints.release("after_copy")
            waiting.join()  # it has the lock, so the worker has let go of its rows
            other.rollback()
        site.await_rest()

    assert_exact(database_url(), night)
    assert "deadlock detected" in worker.output()
    assert set(Chunk.objects.values_list("attempts", flat=True)) == {1}


def test_a_real_serialization_failure(site: Site) -> None:
    # The engine reads what is committed, where none can happen: somebody has made the database stricter.
    night = a_night()
    taken_in(night.content)
    site.failpoints.arm("after_copy", "hold")
    with _every_session("default_transaction_isolation", "repeatable read"):
        worker = site.worker(concurrency=1)
        site.await_point("after_copy")

        with psycopg.connect(database_url()) as other:
            other.execute("UPDATE batches_chunk SET heartbeat_at = now() WHERE status = 'leased'")
        site.failpoints.release("after_copy")
        site.await_rest()

    assert_exact(database_url(), night)
    assert "could not serialize access due to concurrent update" in worker.output()
    assert set(Chunk.objects.values_list("attempts", flat=True)) == {1}


def administrator_url() -> str:
    """The test's database as somebody who may change settings; the product's own role, which embedded mode has, may
    not.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return database_url()
    secrets = state.load(settings.BASE_DIR)
    name = connection.settings_dict["NAME"]
    return f"postgresql://postgres:{secrets.postgres_password}@127.0.0.1:{secrets.postgres_port}/{name}"


@contextmanager
def _every_session(setting: str, value: str) -> Iterator[None]:
    """Sessions that begin meanwhile have it so."""
    database = f'"{connection.settings_dict["NAME"]}"'
    with psycopg.connect(administrator_url(), autocommit=True) as administrator:
        administrator.execute(f"ALTER DATABASE {database} SET {setting} = '{value}'".encode())
        try:
            yield
        finally:
            administrator.execute(f"ALTER DATABASE {database} RESET {setting}".encode())


def _waits_for_a_lock(pid: int) -> bool:
    # What another role's session waits for is hidden from the product's own.
    with psycopg.connect(administrator_url()) as administrator:
        found = administrator.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [pid])
        row = found.fetchone()
    return bool(row and row[0])
