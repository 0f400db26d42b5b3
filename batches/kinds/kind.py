"""What the engine asks of a kind: how to decode a line, and how a record becomes a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import Model

from batches.formats.rejection import Rejection


class Source(NamedTuple):
    """Where rows come from: everything about a row that is not on its line."""

    job_pk: int
    job_id: str
    chunk_id: int
    user_id: str


class Owner(NamedTuple):
    """Whose image a record is about, and the trace it began when it was uploaded."""

    user_id: str
    trace_id: str


class Row(NamedTuple):
    """A record ready to be written. `id` is the raw key, `content` a 64-bit hash, `text` its line for COPY."""

    id: bytes
    line: int
    content: int
    image_id: str
    text: str


class Kind(NamedTuple):
    """One kind of result. `decode` is pure: a line in, a record or a rejection out, never an exception."""

    name: str
    decode: Callable[[bytes], Any | Rejection]
    record: type
    model: type[Model]
    columns: tuple[str, ...]
    rows: Callable[[Source, Iterable[tuple[int, Any]], dict[str, Owner]], Iterable[Row]]
    difference: Callable[[str, Any], str]

    @property
    def table(self) -> str:
        return self.model._meta.db_table
