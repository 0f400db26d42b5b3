"""The embedded servers, for real: started, killed, shared and left behind. Every wait is for a condition."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis

from embedded import control, postgres, state, valkey
from embedded.process import EmbeddedError, Program, pid_of, wait_until
from embedded.state import State
from embedded.supervisor import Supervisor
from tests.launchers import (
    PATIENCE,
    SUPERVISE,
    a_launcher,
    clear,
    database,
    embedded,
    kill,
    listening,
    living,
    open_folder,
    pidfile,
    poll_until,
)


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)


@pytest.fixture
def fresh() -> Iterator[Path]:
    """The folder of a project that never ran."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def _used() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def root(_used: Path) -> Iterator[Path]:
    """The folder of a project, with nothing running; its data folder was made by the first test that needed it."""
    yield _used
    control.stop(_used)


def test_exec_starts_both_hands_back_the_exit_code_and_leaves_nothing(fresh: Path) -> None:
    secrets = state.load(fresh)
    talk = f"import psycopg; psycopg.connect({secrets.database_url!r}).execute('SELECT 1'); raise SystemExit(7)"

    first = embedded(fresh, "exec", "--", sys.executable, "-c", talk)
    second = embedded(fresh, "exec", "--", sys.executable, "-c", talk)

    assert (first.returncode, second.returncode) == (7, 7), first.stderr + second.stderr
    assert living(fresh) == []


def test_the_application_is_no_superuser_but_may_create_databases(root: Path) -> None:
    with Supervisor(root), database(state.load(root)) as connection:
        connection.execute("CREATE DATABASE test_nightshelf")
        role = connection.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        upper = connection.execute("SELECT upper('élan'), current_setting('fsync')").fetchone()

    assert role == (False, True)
    assert upper == ("ÉLAN", "on")


def test_passwords_are_asked_for_and_not_shown(root: Path) -> None:
    secrets = state.load(root)
    with Supervisor(root):
        shown = embedded(root, "status").stdout + subprocess.check_output(["ps", "axww"], text=True)
        wrong = secrets.database_url.replace(secrets.postgres_password, "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        assert not valkey.answers(replace(secrets, valkey_password="guess"))

    assert str(secrets.postgres_port) in shown
    assert secrets.postgres_password not in shown
    assert secrets.valkey_password not in shown
    assert (state.folder(root) / "state.json").stat().st_mode & 0o777 == 0o600


def test_callers_at_the_same_moment_get_the_same_state(fresh: Path) -> None:
    start = threading.Barrier(16)

    def load(_: int) -> State:
        start.wait()
        return state.load(fresh)

    with ThreadPoolExecutor(16) as pool:
        states = set(pool.map(load, range(16)))

    assert len(states) == 1


def test_a_killed_postmaster_comes_back_with_what_was_committed(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    secrets = state.load(root)
    with Supervisor(root) as supervisor, database(secrets) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        killed = kill(root, "postgres")

        poll_until(supervisor, lambda: postgres.answers(secrets))

        with database(secrets) as again:
            assert again.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        assert pid_of(pidfile(root, "postgres")) not in (None, killed)
    assert "postgres ended (SIGKILL); next start in" in capfd.readouterr().err


def test_a_killed_broker_comes_back_with_its_messages(root: Path) -> None:
    secrets = state.load(root)
    with Supervisor(root) as supervisor:
        with redis.Redis.from_url(secrets.broker_url) as broker:
            broker.rpush("queue", *range(1000))
        killed = kill(root, "valkey")

        poll_until(supervisor, lambda: valkey.answers(secrets))

        with redis.Redis.from_url(secrets.broker_url) as broker:
            assert broker.llen("queue") == 1000
            assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert pid_of(pidfile(root, "valkey")) not in (None, killed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(root: Path, number: signal.Signals) -> None:
    launcher = a_launcher(root)

    launcher.send_signal(number)

    assert launcher.wait(PATIENCE) == 128 + number
    assert living(root) == []
    assert "database system is shut down" in (state.folder(root) / "postgres.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel's PR_SET_PDEATHSIG")
def test_nothing_outlives_a_killed_launcher(root: Path) -> None:
    launcher = a_launcher(root)
    assert living(root) == ["launcher", "postgres", "sleeper", "valkey"]

    launcher.kill()
    launcher.wait()

    assert wait_until(lambda: living(root) == [], PATIENCE)
    assert "database system is shut down" in (state.folder(root) / "postgres.log").read_text()


def test_a_second_launcher_shares_the_servers_and_takes_over_when_the_first_is_killed(root: Path) -> None:
    secrets = state.load(root)
    first = a_launcher(root)
    shared = pid_of(pidfile(root, "postgres"))
    with Supervisor(root):
        assert pid_of(pidfile(root, "postgres")) == shared
    assert pid_of(pidfile(root, "postgres")) == shared, "a guest must not stop the servers"
    assert wait_until(lambda: postgres.answers(secrets), PATIENCE)

    with Supervisor(root) as second:
        first.kill()
        first.wait()
        poll_until(second, lambda: pid_of(pidfile(root, "launcher")) == os.getpid())
        poll_until(second, lambda: postgres.answers(secrets) and valkey.answers(secrets))
        assert pid_of(pidfile(root, "postgres")) not in (None, shared)
    assert living(root) == []


def test_a_second_launcher_does_not_start_or_stop_the_programs_of_the_first(root: Path) -> None:
    first = a_launcher(root)
    sleeper = pid_of(pidfile(root, "sleeper"))

    with pytest.raises(EmbeddedError, match="sleeper runs already"), Supervisor(root) as second:
        second.start(Program("sleeper", ["sleep", "600"]))

    assert f"sleeper   running, pid {sleeper}" in embedded(root, "status").stdout
    first.terminate()
    assert first.wait(PATIENCE) == 128 + signal.SIGTERM


def test_stop_ends_launchers_and_what_they_left(root: Path) -> None:
    launcher = a_launcher(root)

    stopped = embedded(root, "stop")

    assert stopped.returncode == 0, stopped.stderr
    assert launcher.wait(PATIENCE) == 128 + signal.SIGTERM
    assert living(root) == []
    assert embedded(root, "status").returncode == 1


def test_servers_that_lost_their_launcher_are_replaced(root: Path) -> None:
    """As on macOS, whose kernel does not tell children of their parent's death."""
    secrets = state.load(root)
    blind = f"import embedded.process; embedded.process._libc = None\n{SUPERVISE}"
    launcher = a_launcher(root, blind)
    launcher.kill()
    launcher.wait()
    left = pid_of(pidfile(root, "postgres"))
    assert left
    assert wait_until(lambda: postgres.answers(secrets), PATIENCE)

    with Supervisor(root):
        assert pid_of(pidfile(root, "postgres")) not in (None, left)
        assert wait_until(lambda: postgres.answers(secrets), PATIENCE)


def test_a_program_that_keeps_dying_is_reported_with_its_last_words(root: Path) -> None:
    program = Program("mortal", [sys.executable, "-c", "raise SystemExit('no settings')"])

    def kept_dying() -> bool:
        with contextlib.suppress(EmbeddedError):
            supervisor.check()
            return False
        return True

    with Supervisor(root, [program]) as supervisor:
        poll_until(supervisor, kept_dying)
        with pytest.raises(EmbeddedError, match=r"mortal keeps dying.*\n.*no settings"):
            supervisor.check()


def test_a_half_made_data_folder_is_made_again(fresh: Path) -> None:
    half = state.folder(fresh) / "postgres18.tmp" / "data"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")

    with Supervisor(fresh):
        assert wait_until(lambda: postgres.answers(state.load(fresh)), PATIENCE)


def test_a_taken_port_is_one_sentence(root: Path) -> None:
    with listening(state.load(root).valkey_port):
        server = embedded(root, "exec", "--", "true")
    with listening(0) as port:
        web = embedded(root, "run", "--web-port", str(port))

    assert (server.returncode, server.stderr.count("\n")) == (1, 1)
    assert "chosen for valkey at first use, is taken by another program" in server.stderr
    assert (web.returncode, web.stderr.count("\n")) == (2, 1)
    assert f"port {port} is taken" in web.stderr
    assert living(root) == []


def test_a_configured_server_is_not_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/nightshelf")

    with Supervisor(root):
        assert living(root) == ["launcher", "valkey"]
        assert "not embedded: DATABASE_URL is set" in embedded(root, "status").stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as somebody else")
def test_root_below_a_folder_closed_to_others(tmp_path: Path) -> None:
    """The data stay when the way to them is closed, and no permissions of others' folders change."""
    above = tmp_path / "above"
    above.mkdir(mode=0o700)
    secrets = state.load(above / "clone")
    try:
        for _ in range(2):
            with Supervisor(above / "clone"), database(secrets) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept ()")
        elsewhere = (state.folder(above / "clone") / "elsewhere").resolve()
        assert (elsewhere / "postgres18" / "PG_VERSION").exists()
        assert above.stat().st_mode & 0o777 == 0o700
    finally:
        clear(above / "clone")
    assert not elsewhere.exists()
