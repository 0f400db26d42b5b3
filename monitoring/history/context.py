"""On whose behalf rows are changed: told to the database with each statement that may change one, for its triggers.

pghistory puts the variables in front of the statement's own text, local to the transaction: no further query, nothing
left behind in a pooled connection. Workers and other machines have no context, and pay nothing for it.
"""

from __future__ import annotations

import getpass
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import connection
from psycopg.sql import Composable

from monitoring.context import carried, carrying

# They act for nobody: the database's schema, and processes that serve others.
MACHINES = {"consume_events", "makemigrations", "migrate", "runserver", "test"}
MOST_CHARS = 300


@contextmanager
def on_behalf(via: str, place: str, *, user: int | None = None, by: str = "") -> Iterator[None]:
    """What is changed inside was done this way, by this person, or by `by` where there is none."""
    ids = carried()
    said = {"via": via, "place": place[:MOST_CHARS], "user": user, "by": by}
    told = {**said, "request_id": ids.get("request_id", ""), "trace_id": ids.get("trace_id", "")}
    with connection.execute_wrapper(_injectable), pghistory.context() as context:
        # pghistory leaves in an outer context what an inner one has said.
        outer = dict(context.metadata)
        context.metadata.update(told, action="")
        try:
            yield
        finally:
            context.metadata.clear()
            context.metadata.update(outer)


@contextmanager
def by_command(arguments: Sequence[str]) -> Iterator[None]:
    """A command of `manage.py`: it gets an id as a request does, and its changes the user of the system by name.

    Who is named with --as takes that place as soon as their permission was asked for (`acting`). Arguments are not
    written down: a path or a name may be anybody's.
    """
    name = arguments[1] if len(arguments) > 1 else "help"
    if name in MACHINES:
        yield
        return
    verb = next((word for word in arguments[2:3] if word.isidentifier()), "")
    with carrying(request_id=uuid.uuid4().hex), on_behalf("command", f"manage.py {name} {verb}".strip(), by=_login()):
        yield


@contextmanager
def by_task(name: str, *, user: int | None = None) -> Iterator[None]:
    """A task that does what a person asked for. What the machine does of its own needs no context, and gets none."""
    with carrying(request_id=carried().get("request_id") or uuid.uuid4().hex), on_behalf("task", name, user=user):
        yield


def acting(user: int, action: str) -> None:
    """Whose permission was asked for, and to do what. Nothing where there is no context."""
    pghistory.context(user=user, action=action)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def _injectable(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """The statement as text with parameters, one at a time: pghistory's wrapper, inside of this one, knows no other."""
    cursor = context["cursor"]
    if isinstance(sql, Composable):
        sql = sql.as_string(cursor.connection)
    if many:
        for each in params:
            cursor.execute(sql, each)
        return None
    if params is None:  # its text is taken as it is; with the variables' parameters it will not be
        sql, params = sql.replace("%", "%%"), ()
    return execute(sql, params, many, context)
