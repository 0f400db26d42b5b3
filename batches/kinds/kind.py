"""What the engine asks of a kind: how to decode a line, and how a record becomes a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
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


class Row(msgspec.Struct, gc=False):
    """A record ready to be settled and written. `id` is the raw key, `content` a 64-bit hash of `body`.

    `body` is the part of the line for COPY that is the record's own. The whole line is put together by `Kind.lines`
    only when it is written: a repeated run writes almost none.
    """

    id: bytes
    line: int
    content: int
    image_id: str
    user_id: str
    trace_id: str
    expires_on: str
    body: str


class Kind(NamedTuple):
    """One kind of result. `decode` is pure: a line in, a record or a rejection out, never an exception."""

    name: str
    decode: Callable[[bytes], Any | Rejection]
    model: type[Model]
    columns: tuple[str, ...]
    rows: Callable[[Source, Iterable[tuple[int, Any]], Mapping[str, Owner]], Iterable[Row]]
    lines: Callable[[Source, Iterable[Row]], Iterator[str]]
    difference: Callable[[Row], str]
    amount: Callable[[bytes], str | None]  # of a line that is no record, where it can be read all the same; pure
    amount_of_row: Callable[[Row], str | None]

    @property
    def table(self) -> str:
        return self.model._meta.db_table
