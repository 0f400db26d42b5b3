"""Emptying the database behind a test whose transactions were real."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# What `migrate` fills in from the models is the same for every test.
KEPT = {ContentType._meta.db_table, Permission._meta.db_table}
LARGE = 2**20  # bytes; from there on new files cost less than deleting, and than reading past what was deleted before


def empty_database() -> None:
    """Delete what the test wrote: three milliseconds, where `flush` takes sixty.

    `flush` gives every table and index a new file, though most were not touched, and then makes all content types and
    permissions anew. The lock waits, as its TRUNCATE does, for whoever still writes: the server may be busy with the
    last statement of a process that has been killed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(_tables())}")
        touched = _touched(cursor)
        if any(size > LARGE for size in touched.values()):
            cursor.execute(f"TRUNCATE {', '.join(_tables())}")
        elif touched:
            guarded = [name for name in touched if name in _guarded()]
            _switch(cursor, guarded, "DISABLE")
            cursor.execute("; ".join(f"DELETE FROM {name}" for name in touched))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table that still waits for a check cannot be altered
            _switch(cursor, guarded, "ENABLE")
    ContentType.objects.clear_cache()  # `flush` does: how many queries a page makes must not depend on the test before


def _touched(cursor: CursorWrapper) -> dict[str, int]:
    """The tables with rows in them, and how large each has grown."""
    look = "SELECT '{0}', pg_relation_size('{0}') WHERE EXISTS (SELECT FROM {0})"
    cursor.execute(" UNION ALL ".join(look.format(name) for name in _tables()))
    return dict(cursor.fetchall())


def _switch(cursor: CursorWrapper, tables: list[str], how: str) -> None:
    """Triggers that refuse a deletion (the ledger's) are for people, not for tests. Their owner may do this, where
    `session_replication_role` is a superuser's, which the tests of an embedded installation are not.
    """
    if tables:
        cursor.execute("; ".join(f"ALTER TABLE {name} {how} TRIGGER USER" for name in tables))


@cache
def _guarded() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        return [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]


@cache
def _tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in names if name not in KEPT]
