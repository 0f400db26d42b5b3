"""Copies of the real table that an experiment may bend: another key, an index less, a detour by a staging table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.place import database_url
from benchmarks.ready_text import chunks_of_rows, columns
from benchmarks.server import TABLE, index_definitions

SCRATCH = "bench_scratch"
COPY = "COPY {} ({}) FROM STDIN"


def batches(path: Path) -> list[list[Any]]:
    """The file's rows, chunk by chunk, in memory."""
    return list(chunks_of_rows(path))


def copied(batches: Iterable[Sequence[str]], *, text_key: bool = False, without: Sequence[str] = ()) -> float:
    """Rows a second of copying each batch straight into a fresh scratch table, in a transaction of its own."""
    texts, command = [_joined(batch) for batch in batches], sql.SQL(COPY).format(sql.Identifier(SCRATCH), _columns())
    with psycopg.connect(database_url()) as connection:
        _create(connection, text_key=text_key, without=without)
        began = time.perf_counter()
        for text, _ in texts:
            _copy(connection, command, text)
            connection.commit()
        return _rate(texts, began)


def staged(batches: Iterable[Sequence[str]]) -> float:
    """The same by a temporary table and an upsert."""
    texts, command = (
        [_joined(batch) for batch in batches],
        sql.SQL(COPY).format(sql.Identifier("staging"), _columns()),
    )
    names = [name for name in columns().split(", ") if name != "id"]
    upsert = sql.SQL(
        "INSERT INTO {scratch} ({columns}) SELECT {columns} FROM staging ON CONFLICT (id) DO UPDATE SET {sets}"
    ).format(
        scratch=sql.Identifier(SCRATCH),
        columns=_columns(),
        sets=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names),
    )
    with psycopg.connect(database_url()) as connection:
        _create(connection)
        make = "CREATE TEMP TABLE staging ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA"
        connection.execute(sql.SQL(make).format(_columns(), sql.Identifier(SCRATCH)))
        connection.commit()
        began = time.perf_counter()
        for text, _ in texts:
            _copy(connection, command, text)
            connection.execute(upsert)
            connection.commit()
        return _rate(texts, began)


def _create(connection: psycopg.Connection[Any], *, text_key: bool = False, without: Sequence[str] = ()) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {SCRATCH}")
    connection.execute(f"CREATE TABLE {SCRATCH} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    if text_key:
        connection.execute(f"ALTER TABLE {SCRATCH} ALTER COLUMN id TYPE varchar(24) USING ''")
    connection.execute(f"ALTER TABLE {SCRATCH} ADD PRIMARY KEY (id)")
    for name, definition in index_definitions().items():
        if name not in without:
            # `CREATE INDEX name ON public.table USING …`: the same on the scratch table.
            method = definition.partition(" USING ")[2]
            connection.execute(f"CREATE INDEX ON {SCRATCH} USING {method}")  # type: ignore[arg-type,unused-ignore]
    connection.commit()


def _copy(connection: psycopg.Connection[Any], command: sql.Composed, text: str) -> None:
    with connection.cursor().copy(command) as copy:
        copy.write(text)


def _columns() -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns().split(", ")))


def _joined(batch: Sequence[str]) -> tuple[str, int]:
    return "".join(batch), len(batch)


def _rate(batches: Iterable[tuple[str, int]], began: float) -> float:
    return sum(count for _, count in batches) / (time.perf_counter() - began)
