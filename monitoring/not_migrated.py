"""`migrate` itself, or another command ahead of it: what it told is nobody's, and worth no line. A server says so."""

from __future__ import annotations

from psycopg.errors import UndefinedTable

from monitoring import process
from monitoring.components import Component


def not_migrated(fault: Exception) -> bool:
    """Whether it is that telemetry's tables are not there yet, in a process that may be ahead of them."""
    return isinstance(fault.__cause__, UndefinedTable) and process.component() == Component.COMMAND
