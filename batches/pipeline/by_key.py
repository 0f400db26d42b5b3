"""Many rows by their keys in one query: 20,000 keys go over as one binary array.

Django's own cursor writes parameters into the text of the statement, and the ORM's IN makes one of each; at this
number both took longer than the query itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from django.db import connection
from psycopg import sql


def rows_by_key(query: LiteralString | sql.Composed, keys: Sequence[str] | Sequence[bytes]) -> list[tuple[Any, ...]]:
    """The rows of a query with one `%b`, an array of keys."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(query, [list(keys)], binary=True).fetchall()
