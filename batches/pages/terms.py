"""The balance as an equation whose terms open the rows behind them."""

from __future__ import annotations

from dataclasses import dataclass

from batches.balance import Balance
from batches.kinds.kind import Kind
from batches.pages import links


@dataclass(frozen=True)
class Term:
    """`share` is its part of all lines read, in %."""

    name: str
    count: int
    meaning: str
    url: str
    share: float


MEANINGS = {
    "inserted": "New rows.",
    "updated": "Rows that were there with other content, and now have this one's.",
    "unchanged": "Rows that were there with the same content: nothing was written.",
    "superseded": "A later line about the same {record} won, or a person had decided about the {row}.",
    "dead": "Lines that could not become a row: each is a dead letter.",
}


def terms_of(sums: Balance, kind: Kind, *, job: str, file: int | None = None) -> list[Term]:
    """The right-hand side, of a job or of one of its files."""
    where: dict[str, object] = {"job": job} if file is None else {"job": job, "file": file}
    urls = {
        "inserted": links.rows(kind, **where, written="inserted"),
        "updated": links.rows(kind, **where, written="updated"),
        "unchanged": links.rows(kind, **where),
        "superseded": links.letters(**where, kind__exact="conflict"),
        "dead": links.letters(**where, kind__exact="line"),
    }
    return [_term(sums, kind, name, urls[name]) for name in MEANINGS]


def _term(sums: Balance, kind: Kind, name: str, url: str) -> Term:
    count = getattr(sums, name)
    meaning = MEANINGS[name].format(record=kind.record_is, row=kind.row_is)
    return Term(name, count, meaning, url if count else "", 100.0 * count / sums.read if sums.read else 0.0)
