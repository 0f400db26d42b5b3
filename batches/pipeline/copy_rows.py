"""The first pass of a fresh file: rows are copied straight into their table, without looking first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db import IntegrityError, connection, transaction
from psycopg import sql
from psycopg.errors import UniqueViolation

from batches.kinds.kind import Kind, Row
from batches.pipeline.claim import Claim
from batches.pipeline.make_rows import source_of
from batches.pipeline.tally import Tally
from monitoring import telemetry

ROWS_PER_WRITE = 500


def copy_fresh(kind: Kind, claim: Claim, rows: Sequence[Row], tally: Tally) -> bool:
    """Copy rows that should all be new. False, and nothing written, when one of them is there already.

    That happens for a record that stands in two chunks, or a second file of the same job: the caller merges then.
    """
    try:
        with transaction.atomic():
            copy_rows(kind.table, kind.columns, lines_of(kind, claim, rows))
    except IntegrityError as fault:
        if not is_duplicate(fault):
            raise
        return False
    tally.inserted += len(rows)
    return True


def lines_of(kind: Kind, claim: Claim, rows: Iterable[Row]) -> Iterator[str]:
    return kind.lines(source_of(claim), rows)


def is_duplicate(fault: IntegrityError) -> bool:
    """Whether it was the unique key: any other constraint says that the row itself is wrong."""
    return isinstance(fault.__cause__, UniqueViolation)


def copy_rows(table: str, columns: Iterable[str], lines: Iterable[str]) -> None:
    """COPY text-format lines into the table. IntegrityError when one breaks a constraint."""
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    # `copy` is psycopg's own: without the wrapper its errors are not Django's, and nobody here would know them.
    with (
        telemetry.statement(f"COPY {table}"),
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(command) as copy,
    ):
        for text in _joined(iter(lines)):
            copy.write(text)


def _joined(lines: Iterator[str]) -> Iterator[str]:
    while part := "".join(islice(lines, ROWS_PER_WRITE)):
        yield part
