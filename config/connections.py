"""What each connection to the database is told when it is opened."""

from __future__ import annotations

from typing import Any

# The library of triggers asks for it at each row. Where it was never set that is an error, caught in a subtransaction,
# and the end of each such subtransaction looks through all that waits for the end of the transaction: 16,000 deletions
# took 11 s in place of 2, and 100,000 more than ten minutes.
NOTHING_IGNORED = "SET pgtrigger.ignore = '{}'"


def begin(connection: Any, **_: Any) -> None:
    """Receiver of connection_created. Not an option of the connection: poolers refuse those that they do not know."""
    with connection.wrap_database_errors:
        connection.connection.execute(NOTHING_IGNORED)
