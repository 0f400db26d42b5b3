"""What the engine asks of a kind: how to decode a line, how a record becomes a row, and which table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

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

    `body` is the part of the line for COPY that is the record's own; `aside` is written with it, and is no part of what
    two lines are compared by (until when the row is kept, what it was proposed for). The whole line is put together by
    `Kind.lines` only when it is written: a repeated run writes almost none.
    """

    id: bytes
    line: int
    content: int
    record_id: str
    user_id: str
    trace_id: str
    aside: str
    body: str


def nobody(records: Sequence[Any], further: Iterable[str]) -> Mapping[str, Owner]:
    """Records that are about no image: all are their job's user's."""
    return {}


def no_amount(_: Any) -> None:
    """Records that are not about money."""


def nothing_to_do() -> None:
    """Nobody waits for the rows of a finished file."""


class Kind(NamedTuple):
    """One kind of result. `decode` is pure: a line in, a record or a rejection out, never an exception.

    `undecided` is an SQL condition over the table as `t`: no person has decided about the row, so a later line may
    still correct it. `difference` says what a line says against a row that was decided about.

    `refuse` finds the records that only the database can tell to be wrong, by their place in the list, in one look for
    all; such records have `record_id`, `offset` and `length`. `read` is called after commit whenever rows of this kind
    are there whose file is not being read (any more): it wakes whoever goes on with them, and must be safe to call
    again and again.
    """

    name: str
    row_is: str  # what people call a row of it, several, and what a record of it is about
    rows_are: str
    record_is: str
    decode: Callable[[bytes], Any | Rejection]
    model: type[Model]
    columns: tuple[str, ...]
    rows: Callable[[Source, Iterable[tuple[int, Any]], Mapping[str, Owner]], Iterable[Row]]
    lines: Callable[[Source, Iterable[Row]], Iterator[str]]
    difference: Callable[[Row], str]
    undecided: LiteralString
    owners: Callable[[Sequence[Any], Iterable[str]], Mapping[str, Owner]] = nobody
    id_of_record: bool = True  # a row's id follows from its record's: what a dead line would have become is known
    refuse: Callable[[Sequence[Any]], dict[int, Rejection]] | None = None
    amount: Callable[[bytes], str | None] = no_amount  # of a line that is no record, where it can be read; pure
    amount_of_row: Callable[[Row], str | None] = no_amount
    read: Callable[[], object] = nothing_to_do

    @property
    def table(self) -> str:
        return self.model._meta.db_table
