"""A file of results with what must become of it, and the one assertion of this suite: it has, exactly."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg

from tests.builders import JOB, error_line, image, line, transaction_id

LINES = 300


@dataclass(frozen=True)
class Night:
    """One file. Lines are (image number, whether it is a record); an image may come again, then the later one holds."""

    lines: list[tuple[int, bool]]
    job: str = JOB
    changes: dict[int, int] = field(default_factory=dict)  # amount, by place in the file
    compressed: bool = False

    @property
    def content(self) -> bytes:
        lines = b"".join(part + b"\n" for part in self.parts)
        return gzip.compress(lines, mtime=0) if self.compressed else lines

    @property
    def parts(self) -> list[bytes]:
        return [
            line(image(number), amount=self.changes.get(at, 1280)) if good else error_line(image(number))
            for at, (number, good) in enumerate(self.lines)
        ]

    @property
    def amounts(self) -> dict[str, int]:
        """By transaction, what the last line about it says."""
        return {
            transaction_id(image(number), self.job): self.changes.get(at, 1280)
            for at, (number, good) in enumerate(self.lines)
            if good
        }

    @property
    def dead_offsets(self) -> list[int]:
        offsets, at = [], 0
        for (_, good), part in zip(self.lines, self.parts, strict=True):
            if not good:
                offsets.append(at)
            at += len(part) + 1
        return offsets


def a_night(job: str = JOB, lines: int = LINES) -> Night:
    """Every twentieth line is dead, so that every chunk has some."""
    return Night([(number, number % 20 != 7) for number in range(lines)], job)


def assert_exact(database_url: str, *nights: Night) -> None:
    """Each file's balance, the transactions and the dead letters are those of the nights; nothing else is there."""
    with psycopg.connect(database_url) as connection:
        for night in nights:
            assert _balance(connection, night) == _expected_balance(night)
            assert _letters(connection, night) == night.dead_offsets
        assert _rows(connection) == {id: amount for night in nights for id, amount in night.amounts.items()}
        assert _states(connection) == {"chunk": {"done"}, "file": {"finished"}, "job": _job_states(nights)}
        assert _count(connection, "batches_deadletter") == sum(len(night.dead_offsets) for night in nights)
        assert _groups(connection, GROUPED) == _groups(connection, COUNTED)
        assert _count(connection, "batches_resultfile") == len(nights)
        assert _count(connection, "batches_chunk WHERE leased_until IS NOT NULL") == 0
        assert _figures(connection) == _expected_figures(connection, nights)


# What the groups say, their tallies with them, and what there is.
GROUPED = """
    SELECT g.fingerprint, g.letters + coalesce(sum(t.letters), 0), g.open + coalesce(sum(t.open), 0),
        g.amount + coalesce(sum(t.amount), 0)
    FROM batches_lettergroup g LEFT JOIN batches_lettertally t ON t.group_id = g.fingerprint GROUP BY g.fingerprint"""
COUNTED = """
    SELECT group_id, count(*), count(*) FILTER (WHERE status = 'open'),
        coalesce(sum(amount) FILTER (WHERE status = 'open'), 0)
    FROM batches_deadletter GROUP BY 1"""


# What the metrics say, rolled up or not.
FIGURES = """
    SELECT metric, sum(count)::int, sum(errors)::int FROM (
        SELECT metric, count, errors FROM monitoring_metricdelta
        UNION ALL SELECT metric, count, errors FROM monitoring_hour JOIN monitoring_series ON id = series_id
            WHERE NOT labels ? '*'
    ) AS told WHERE metric = ANY('{batch.lines,batch.chunk,batch.file}') GROUP BY 1"""


def _figures(connection: psycopg.Connection) -> dict[str, tuple[int, int]]:
    return {metric: (count, errors) for metric, count, errors in connection.execute(FIGURES).fetchall()}


def _expected_figures(connection: psycopg.Connection, nights: tuple[Night, ...]) -> dict[str, tuple[int, int]]:
    dead = sum(len(night.dead_offsets) for night in nights)
    return {
        "batch.lines": (sum(len(night.lines) for night in nights), dead),
        "batch.chunk": (_count(connection, "batches_chunk"), 0),
        "batch.file": (len(nights), 0),
    }


def _groups(connection: psycopg.Connection, query: LiteralString) -> set[tuple[object, ...]]:
    return {row for row in connection.execute(query).fetchall() if row[1]}


def _expected_balance(night: Night) -> dict[str, int]:
    good = sum(good for _, good in night.lines)
    return {
        "read": len(night.lines),
        "physical_lines": len(night.lines),
        "inserted": len(night.amounts),
        "updated": 0,
        "unchanged": 0,
        "superseded": good - len(night.amounts),
        "dead": len(night.dead_offsets),
        "bytes": len(night.content),
    }


def _balance(connection: psycopg.Connection, night: Night) -> dict[str, int]:
    names = ("read", "physical_lines", "inserted", "updated", "unchanged", "superseded", "dead", "bytes")
    row = connection.execute(
        'SELECT sum("read"), sum(physical_lines), sum(inserted), sum(updated), sum(unchanged), sum(superseded),'
        ' sum(dead), sum("end" - start) FROM batches_chunk AS chunk'
        " JOIN batches_job ON chunk.job_id = batches_job.id WHERE batches_job.job_id = %s",
        [night.job],
    ).fetchone()
    assert row is not None
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def _letters(connection: psycopg.Connection, night: Night) -> list[int]:
    query = (
        'SELECT "offset" FROM batches_deadletter AS letter JOIN batches_job ON letter.job_id = batches_job.id'
        " WHERE batches_job.job_id = %s AND letter.kind = 'line' ORDER BY 1"
    )
    return [offset for (offset,) in connection.execute(query, [night.job])]


def _rows(connection: psycopg.Connection) -> dict[str, int]:
    rows = connection.execute("SELECT encode(id, 'hex'), amount::int FROM batches_transaction").fetchall()
    assert [id for id, times in Counter(id for id, _ in rows).items() if times > 1] == []
    return dict(rows)


def _states(connection: psycopg.Connection) -> dict[str, set[str]]:
    tables = {"chunk": "batches_chunk", "file": "batches_resultfile", "job": "batches_job"}
    return {
        name: {status for (status,) in connection.execute(f"SELECT DISTINCT status FROM {table}")}
        for name, table in tables.items()
    }


def _job_states(nights: tuple[Night, ...]) -> set[str]:
    return {"with_letters" if night.dead_offsets else "finished" for night in nights}


def _count(connection: psycopg.Connection, what: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {what}").fetchone()
    assert row is not None
    return int(row[0])
