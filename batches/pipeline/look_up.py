"""What the table holds for a batch's rows, as far as it matters: of a repeated file, whose rows are all there with the
same content, nothing is sent back. Reading all of them cost as much as decoding the file had.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from django.db import connection
from psycopg import sql

from batches.kinds.kind import Kind, Row
from batches.pipeline.claim import Claim
from batches.pipeline.settle import Known
from monitoring import telemetry

DIFFERING = """
    SELECT l.n - 1, t.content, t.chunk_id, t.line, t.revision, NOT ({undecided})
    FROM unnest(%b::bytea[], %b::bigint[]) WITH ORDINALITY AS l (id, content, n) LEFT JOIN {table} AS t ON t.id = l.id
    WHERE t.id IS NULL OR t.content <> l.content OR t.chunk_id IN (SELECT id FROM batches_chunk WHERE file_id = %b)"""
# A batch is looked up through the key's index, however the planner estimates it: reading the whole table instead takes
# longer, and with it compiling the query.
BY_KEY = """
    SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
        set_config('jit', 'off', true)"""


def look_up(kind: Kind, claim: Claim, rows: Sequence[Row]) -> dict[int, Known | None]:
    """By its index in `rows`, what is stored for each row that is new (None), differs, or was written by this file.

    A row that is not named is stored with the same content, from another file.
    """
    query = sql.SQL(DIFFERING).format(table=sql.Identifier(kind.table), undecided=sql.SQL(kind.undecided))
    values = [[row.id for row in rows], [row.content for row in rows], claim.file_id]
    connection.ensure_connection()
    with (
        telemetry.statement(f"SELECT {kind.table}"),
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
    ):
        cursor.execute(BY_KEY)
        found = cursor.execute(query, values, binary=True).fetchall()
    return {n: Known(*known) if known[0] is not None else None for n, *known in found}
