"""What may be stored of a message: what went wrong, not whose data it went wrong with.

More than is left out of a log line (`monitoring.redact`): a trace is read by whoever is on duty, for two weeks.
"""

from __future__ import annotations

import re

from monitoring.redact import QUOTED, redacted_error

MOST_CHARS = 500
RULES = (
    (re.compile(r"\?\S+=\S*"), "?…"),
    (re.compile(r"\b(uploads|processed|batch-output|transfers|products)/\S+"), r"\1/…"),
)


def redacted(text: str) -> str:
    """The first line of it: PostgreSQL puts the row's values in the ones below."""
    # What is quoted goes first: a rule that took one of two quotation marks would turn it inside out.
    first = QUOTED.sub("'…'", text.strip().partition("\n")[0][: 4 * MOST_CHARS].replace("\x00", ""))
    for pattern, put in RULES:
        first = pattern.sub(put, first)
    return redacted_error(first)[:MOST_CHARS]


def told(fault: BaseException) -> str:
    """An exception in a sentence that may be stored."""
    return f"{type(fault).__name__}: {redacted(str(fault))}".rstrip(": ")
