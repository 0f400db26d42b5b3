"""A connection that knows nothing of what a signal interrupted."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections


def new_connection() -> None:
    """This thread goes on with another connection to the database; all that was open of the old one is rolled back.

    Closing is not enough: a signal that strikes as a transaction is being left leaves Django's connection in it for
    ever, and what is in a transaction is not opened again.
    """
    connections[DEFAULT_DB_ALIAS].close()
    del connections[DEFAULT_DB_ALIAS]
