"""A database that does not answer, told in one sentence with what to do."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, OperationalError

START_IT = "the embedded one runs with the site (make run), or for one command: python -m embedded exec -- COMMAND"


def told(fault: DatabaseError) -> str:
    what = (str(fault).strip().splitlines() or [type(fault).__name__])[0]
    if not isinstance(fault, OperationalError):
        return f"The database refused: {what}"
    advice = START_IT if settings.EMBEDDED_DATABASE else "check DATABASE_URL"
    return f"The database does not answer ({what}): {advice}."
