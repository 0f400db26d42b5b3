"""Migrations take half a minute of a processor. They run once, and test databases are copies of what they made.

It stays on the server, as `NAME_template`, until migrations or models are other ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

WHAT_MADE_IT = ("*/migrations/*.py", "*/models/*.py", "*/*.py", "requirements/base.txt")
APPS = ("batches", "catalog", "config", "inventory", "monitoring", "requirements")


def use_template() -> None:
    """Of several processes the first one makes it, and the others wait for it."""
    template = f"{connection.settings_dict['NAME']}_template"
    made_of = _made_of(Path(settings.BASE_DIR))
    params: dict[str, Any] = connection.get_connection_params()
    with psycopg.connect(**{**_plain(params), "dbname": "postgres"}, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if _comment(server, template) != made_of:
            _make(server, template, made_of)
    connection.settings_dict["TEST"]["TEMPLATE"] = template


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in ("host", "port", "user", "password") if params.get(name)}


def _comment(server: psycopg.Connection[Any], template: str) -> str:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    found = server.execute(query, [template]).fetchone()
    return str(found[0]) if found else ""


def _make(server: psycopg.Connection[Any], template: str, made_of: str) -> None:
    named = sql.Identifier(template)
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(named))
    server.execute(sql.SQL("CREATE DATABASE {}").format(named))
    with _in(template):
        call_command("migrate", verbosity=0, interactive=False)
    # Last: what was killed in the middle is made anew.
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(named, sql.Literal(made_of)))


@contextmanager
def _in(name: str) -> Iterator[None]:
    connection.close()
    before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _made_of(root: Path) -> str:
    found = hashlib.sha256()
    for pattern in WHAT_MADE_IT:
        for path in sorted(root.glob(pattern)):
            if path.relative_to(root).parts[0] in APPS:
                found.update(path.read_bytes())
    return found.hexdigest()
