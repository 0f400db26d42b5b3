"""What of a trace was not kept: a process that makes too many steps keeps some, and says how many it left out."""

from __future__ import annotations

import json

from monitoring.pages.traces.load import spans_of
from monitoring.pages.traces.shares import LABELS
from monitoring.pages.traces.whole import Whole

ATTRIBUTE = "omitted"  # {"database": 300, "spans": 2, "log": 5}, on the first step of a process's part
MOST = 500
WORDS = {"spans": "steps", "log": "log lines"}


def omitted(trace: Whole) -> list[tuple[str, int]]:
    """What, in words, and how many. One query."""
    told = spans_of(trace).filter(attributes__has_key=ATTRIBUTE).values_list(f"attributes__{ATTRIBUTE}", flat=True)
    sums: dict[str, int] = {}
    for value in told[:MOST]:
        for what, number in _read(value).items():
            sums[what] = sums.get(what, 0) + number
    return [(_words(what), number) for what, number in sums.items()]


def _words(what: str) -> str:
    return WORDS.get(what) or f"calls to {LABELS.get(what, what)}"


def _read(value: object) -> dict[str, int]:
    """An attribute is whatever was written: what is no such thing says nothing."""
    try:
        told = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return {str(what): n for what, n in told.items() if isinstance(n, int)} if isinstance(told, dict) else {}
