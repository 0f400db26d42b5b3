"""The database between two runs, and what it says about itself. As superuser: the product's role may do neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.place import superuser_url

TABLE = "batches_transaction"
_EMPTIED = (
    "transaction", "deadletter", "lettergroup", "lettertally", "chunk", "resultfile", "imageupload", "job",
)  # fmt: skip
# And whatever refers to them.
_SHOP = ("catalog_product", "catalog_category", "inventory_location", "inventory_stockposting")
_FIGURES = tuple(f"monitoring_{name}" for name in ("series", "metricdelta", "runningtotal", "minute", "hour", "day"))


@contextmanager
def superuser() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(superuser_url(), autocommit=True) as connection:
        yield connection


def empty() -> None:
    """Every contender begins alike: empty tables, counters at 1, nothing of the last run left to be written."""
    names = (*(f"batches_{name}" for name in _EMPTIED), *_SHOP, *_FIGURES)
    tables = sql.SQL(", ").join(map(sql.Identifier, names))
    with superuser() as connection:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
        connection.execute("DROP SCHEMA IF EXISTS bench_dlt CASCADE")
        connection.execute("DROP SCHEMA IF EXISTS bench_dlt_staging CASCADE")
        connection.execute("CHECKPOINT")


def settle() -> None:
    """As autovacuum would have left the tables by the next night."""
    with superuser() as connection:
        connection.execute(
            "VACUUM (ANALYZE) batches_transaction, batches_chunk, batches_resultfile, batches_deadletter"
        )
        connection.execute("CHECKPOINT")


def number(query: str, *values: object) -> int:
    with superuser() as connection:
        return number_of(connection, query, *values)


def number_of(connection: psycopg.Connection[Any], query: str, *values: object) -> int:
    row = connection.execute(query, values).fetchone()  # type: ignore[arg-type,unused-ignore]
    return int(row[0]) if row and row[0] is not None else 0


def rows() -> int:
    return number(f"SELECT count(*) FROM {TABLE}")


def table_bytes() -> dict[str, int]:
    return {
        "table": number("SELECT pg_relation_size(%s::regclass)", TABLE),
        "with indexes": number("SELECT pg_total_relation_size(%s::regclass)", TABLE),
    }


def facts() -> dict[str, str]:
    names = ("server_version", "shared_buffers", "max_wal_size", "fsync", "synchronous_commit", "wal_compression")
    with superuser() as connection:
        return {name: str((connection.execute(f"SHOW {name}").fetchone() or [""])[0]) for name in names}


def index_definitions() -> dict[str, str]:
    """The secondary indexes of the real table, as the migrations made them."""
    with superuser() as connection:
        found = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE %s",
            [TABLE, "%_pkey"],
        )
        return {str(name): str(text) for name, text in found}


def activity() -> dict[str, float]:
    """Counters that only go up: two readings and a subtraction show what a run cost."""
    with superuser() as connection:
        wal = connection.execute("SELECT wal_records, wal_fpi, wal_bytes, wal_buffers_full FROM pg_stat_wal").fetchone()
        io = connection.execute(
            "SELECT backend_type, object, sum(reads), sum(writes), sum(extends), sum(fsyncs) FROM pg_stat_io"
            " WHERE object IN ('relation', 'wal') GROUP BY 1, 2"
        ).fetchall()
    found = dict(
        zip(("WAL records", "WAL full pages", "WAL bytes", "WAL buffers full"), map(float, wal or ()), strict=False)
    )
    for backend, thing, *counts in io:
        for name, count in zip(("reads", "writes", "extends", "fsyncs"), counts, strict=True):
            found[f"{backend}: {thing} {name}"] = float(count or 0)
    return found


def processes() -> dict[int, str]:
    """pid → what it is, of every process of the server that works for us or for all."""
    with superuser() as connection:
        found = connection.execute("SELECT pid, backend_type FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return {int(pid): str(kind) for pid, kind in found}


def cpu_seconds(pid: int, *, ended_children: bool = False) -> float:
    """User and system time of a process so far; 0 when it is gone. Linux alone tells it."""
    times = slice(11, 15) if ended_children else slice(11, 13)
    return sum(map(int, _stat(pid)[times])) / 100


def cpu_of_all() -> float:
    """Of the whole server so far, connections that have ended since among it."""
    with superuser() as connection:
        backend = number_of(connection, "SELECT pg_backend_pid()")
        postmaster = _stat(backend)[1]
        # Asked of the kernel: one that is ending is not in pg_stat_activity any more.
        children = [
            int(path.name) for path in Path("/proc").glob("[0-9]*") if _stat(int(path.name))[1:2] == [postmaster]
        ]
        return cpu_seconds(int(postmaster), ended_children=True) + sum(map(cpu_seconds, children))


def _stat(pid: int) -> list[str]:
    """What the kernel tells of a process after its name; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return []
