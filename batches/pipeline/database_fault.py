"""What went wrong with the database, and will pass, in a sentence for the chunk's page."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import Error, errors

# Django calls all of these OperationalError. None of them says anything about the chunk: it is tried again, however
# often, without using up an attempt.
SENTENCES: tuple[tuple[type[Error], str], ...] = (
    (errors.DiskFull, "The database's disk is full: make room."),
    (errors.OutOfMemory, "The database is out of memory."),
    (errors.TooManyConnections, "The database has no connection left: raise max_connections, or run fewer workers."),
    (errors.DeadlockDetected, "The database ended a deadlock with another transaction."),
    (errors.SerializationFailure, "The database could not put this beside another transaction."),
    (errors.AdminShutdown, "The database was shut down, or an administrator cut the connection."),
    (errors.CrashShutdown, "The database crashed."),
    (errors.CannotConnectNow, "The database is starting or stopping."),
)
AWAY = "The connection to the database was lost."


def told(fault: OperationalError | InterfaceError) -> str:
    """One sentence, and the server's own words."""
    sentence = next((text for kind, text in SENTENCES if isinstance(fault.__cause__, kind)), AWAY)
    return f"{sentence} The chunk is tried again. ({first_line(fault)})"


def first_line(fault: DatabaseError | InterfaceError) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0]
