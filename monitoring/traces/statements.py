"""Each SQL statement is a leaf and a figure. Django's own hook, not OpenTelemetry's: see docs/operations/traces.md for
what either costs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError
from django.db.backends.signals import connection_created
from psycopg.errors import UniqueViolation

from monitoring import process, telemetry
from monitoring.components import Component
from monitoring.traces import spans
from monitoring.traces.statement_name import name_of

DATABASE = str(Component.DATABASE)
UID = "nightshelf.traces"
# Of Django's transactions: they wait for nothing, and would hide what does.
UNTOLD = {"SAVEPOINT", "RELEASE"}


def observe() -> None:
    connection_created.connect(_observe_connection, dispatch_uid=UID)


@contextmanager
def statement(name: str) -> Iterator[None]:
    """A statement that does not go through Django's cursor, a COPY: `COPY batches_transaction`."""
    if not spans.is_observed():
        yield
        return
    began, at = time.time_ns(), time.perf_counter()
    try:
        yield
    except Exception as fault:
        _tell(name, began, time.perf_counter() - at, fault, "")
        raise
    _tell(name, began, time.perf_counter() - at, None, "")


def _observe_connection(*, connection: Any, **_: Any) -> None:
    # First, so outermost: one that came later may be about to be taken away again, from the end of the list.
    if _observed not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _observed)


def _observed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not spans.is_observed():
        return execute(sql, params, many, context)
    began, at = time.time_ns(), time.perf_counter()
    try:
        result = execute(sql, params, many, context)
    except Exception as fault:
        _tell(_name(sql), began, time.perf_counter() - at, fault, sql)
        raise
    _tell(_name(sql), began, time.perf_counter() - at, None, sql)
    return result


def _name(sql: Any) -> str:
    return name_of(sql if isinstance(sql, str) else sql.as_string(None))


def _tell(name: str, began: int, seconds: float, fault: Exception | None, sql: Any) -> None:
    # That a key is there already is an answer, which whoever asked counts on.
    fault = None if isinstance(fault, IntegrityError | UniqueViolation) else fault
    if fault is None and name in UNTOLD:
        return
    telemetry.measure("database.statement", seconds, failed=fault is not None, component=str(process.component()))
    spans.leaf(name, DATABASE, began, seconds, fault, **({"statement": sql} if sql and isinstance(sql, str) else {}))
