"""What a statement is called: its verb and its first table, never with values or numbers in it."""

from __future__ import annotations

import re
from functools import lru_cache

WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+(?:ONLY\s+)?\"?([a-z_][a-z0-9_]*)", re.IGNORECASE)
READS = re.compile(r"\bFROM\s+(?:ONLY\s+)?\"?([a-z_][a-z0-9_]*)", re.IGNORECASE)
VERB = re.compile(r"[A-Za-z]+")
DAY = re.compile(r"_\d{6,8}$")
LITERAL = re.compile(r"'(?:[^']|'')*'")
MOST_CHARS = 500


@lru_cache(maxsize=2_000)
def name_of(statement: str) -> str:
    verb = VERB.search(statement)
    word = verb.group().upper() if verb else "SQL"
    if word == "WITH":
        return _named(WRITES.search(statement)) or _read(statement)
    if word in ("INSERT", "UPDATE", "DELETE", "COPY"):
        return _named(WRITES.search(statement)) or word
    return _read(statement) if word == "SELECT" else word


def text_of(statement: str) -> str:
    """The statement as it is written, its parameters not filled in; should it hold a literal, not that either."""
    return LITERAL.sub("'…'", " ".join(statement.split()))[:MOST_CHARS]


def _named(found: re.Match[str] | None) -> str:
    return f"{found.group(1).split()[0].upper()} {DAY.sub('', found.group(2))}" if found else ""


def _read(statement: str) -> str:
    found = READS.search(statement)
    return f"SELECT {DAY.sub('', found.group(1))}" if found else "SELECT"
